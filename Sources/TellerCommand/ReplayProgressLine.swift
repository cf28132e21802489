import DeadLetters
import Foundation
import Glibc
import Synchronization

/// Says on standard error how far a replay is: a bar for a person who watches, else a line now and then.
final class ReplayProgressLine: Sendable {
    private static let width = 24
    private static let interval = Duration.seconds(10)

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let lastLine = Mutex<ContinuousClock.Instant?>(nil)

    func show(_ progress: ReplayProgress) {
        if self.isTerminal {
            let filled = Int(Double(Self.width) * progress.fraction)
            let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
            try? FileDescriptorText.standardError("\r\u{1B}[K[\(bar)] \(progress.text)")
        } else if self.isDue() {
            try? FileDescriptorText.standardError("replay: \(progress.text)\n")
        }
    }

    /// Takes the bar away.
    func clear() {
        guard self.isTerminal else { return }
        try? FileDescriptorText.standardError("\r\u{1B}[K")
    }

    private func isDue() -> Bool {
        let now = ContinuousClock.now
        return self.lastLine.withLock { last in
            if let last, last.duration(to: now) < Self.interval { return false }
            last = now
            return true
        }
    }
}

extension ReplayProgress {
    fileprivate var text: String {
        var parts = [
            "\(Int(self.fraction * 100)) %", "\(self.settled + self.failed) of \(self.total)",
            String(format: "%.1f/s", self.rate),
        ]
        if let remaining = self.remaining, remaining > 0 { parts.append("\(Int(remaining.rounded(.up))) s left") }
        parts.append("\(self.unsettled) under way")
        if self.failed > 0 { parts.append("\(self.failed) failed") }
        if self.skipped > 0 { parts.append("\(self.skipped) passed over") }
        return parts.joined(separator: ", ")
    }
}
