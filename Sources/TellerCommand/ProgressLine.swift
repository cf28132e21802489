import Glibc

/// A line on standard error that is written over as work goes on; nothing where standard error is no terminal.
struct ProgressLine: Sendable {
    private let isShown = isatty(STDERR_FILENO) == 1

    func show(_ text: String) {
        if self.isShown { try? FileDescriptorText.standardError("\r\u{1B}[K\(text)") }
    }

    func end() {
        if self.isShown { try? FileDescriptorText.standardError("\r\u{1B}[K") }
    }
}
