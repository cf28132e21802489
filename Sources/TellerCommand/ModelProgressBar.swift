import Glibc
import Synchronization

/// A line on standard error that says how far a long work is, when a person looks at it.
final class ModelProgressBar: Sendable {
    private static let width = 30

    private let title: String
    private let isVisible: Bool
    /// What is shown, in percent.
    private let percent = Mutex(-1)

    init(_ title: String) {
        self.title = title
        self.isVisible = isatty(STDERR_FILENO) == 1
    }

    /// - Parameter fraction: From 0 to 1.
    func show(_ fraction: Double) {
        let percent = Int(max(0, min(1, fraction)) * 100)
        let isNews = self.percent.withLock { shown in
            defer { shown = percent }
            return shown != percent
        }
        guard self.isVisible, isNews else { return }
        let filled = Self.width * percent / 100
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
        try? FileDescriptorText.standardError("\r\(self.title) [\(bar)] \(percent) %")
    }

    /// Takes the line away.
    func clear() {
        guard self.isVisible else { return }
        try? FileDescriptorText.standardError("\r\u{1B}[K")
    }
}
