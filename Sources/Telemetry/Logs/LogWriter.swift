import EventLoops
import Glibc

/// Writes lines to a descriptor from a thread of its own, so that whoever logs never waits for the reader.
///
/// Lines wait in a buffer while the descriptor is busy. Those that do not fit, or that the descriptor refuses (a full
/// disk, a pipe whose reader is gone), are dropped and counted.
public final class LogWriter: MetricCollector {
    /// The process's standard error.
    public static let standardError = LogWriter(descriptor: STDERR_FILENO)

    private struct State {
        var buffer: [UInt8] = []
        var isWriting = false
        var dropped = 0
        /// Whether a failed write left part of a line behind.
        var isMidLine = false
    }

    private let descriptor: Int32
    private let capacity: Int
    private let state = Locked(State())
    private let thread = EventLoop(name: "log", stackSize: 256 << 10)

    /// Starts the thread.
    ///
    /// The process must ignore `SIGPIPE`.
    ///
    /// - Parameters:
    ///   - descriptor: Where to write, blocking or not. It is not closed.
    ///   - capacity: Bytes that may wait. As many again may be in the hands of the thread.
    public init(descriptor: Int32, capacity: Int = 1 << 20) {
        self.descriptor = descriptor
        self.capacity = capacity
    }

    deinit { self.thread.shutdown() }

    /// How many lines were dropped so far.
    public var droppedLines: Int {
        self.state.withLock { $0.dropped }
    }

    /// Takes one line, with its line feed, or drops it.
    ///
    /// Never blocks.
    public func write(_ line: String) {
        let mustStart = self.state.withLock { state in
            guard state.buffer.count + line.utf8.count <= self.capacity else {
                state.dropped += 1
                return false
            }
            state.buffer.append(contentsOf: line.utf8)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { self.thread.execute { self.drain() } }
    }

    /// Blocks until every line taken is written or dropped, or the time is over; says which.
    public func flush(within time: Duration) -> Bool {
        let deadline = ContinuousClock.now + time
        while self.state.withLock({ $0.isWriting }) {
            // Polled, because this happens once, when the process ends.
            guard ContinuousClock.now < deadline else { return false }
            usleep(1_000)
        }
        return true
    }

    public func collect() -> [MetricFamily] {
        [
            MetricFamily(
                name: "teller_log_lines_dropped_total", kind: .counter,
                help: "Log lines lost because standard error was full, closed or stuck.",
                value: Double(self.droppedLines))
        ]
    }

    // MARK: - On the thread

    private func drain() {
        while let (lines, isMidLine) = self.takeLines() {
            // A line that a refusal cut short is ended, or the next one would be lost with it.
            let prefix: [UInt8] = isMidLine ? [UInt8(ascii: "\n")] : []
            let bytes = prefix + lines
            let written = self.writeAll(bytes)
            guard written < bytes.count else { continue }
            let lost = bytes[max(written, prefix.count)...].count { $0 == UInt8(ascii: "\n") }
            self.state.withLock { state in
                state.dropped += lost
                state.isMidLine = written == 0 ? isMidLine : bytes[written - 1] != UInt8(ascii: "\n")
            }
        }
    }

    /// The lines that wait, and whether part of a line came before them.
    ///
    /// Nil ends the work.
    private func takeLines() -> ([UInt8], isMidLine: Bool)? {
        self.state.withLock { state in
            guard !state.buffer.isEmpty else {
                state.isWriting = false
                return nil
            }
            defer {
                state.buffer = []
                state.isMidLine = false
            }
            return (state.buffer, state.isMidLine)
        }
    }

    /// Writes until done or refused, and returns how many bytes were written.
    private func writeAll(_ bytes: [UInt8]) -> Int {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(self.descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                // Someone who shares the descriptor made it non-blocking.
                var writable = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&writable, 1, -1)
            } else if errno != EINTR {
                break
            }
        }
        return written
    }
}
