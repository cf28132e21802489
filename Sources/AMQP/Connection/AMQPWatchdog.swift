internal import EventLoops
import Glibc
import Synchronization

/// A thread beside the connections' own that cuts a socket when a write to it hangs.
///
/// Under a memory alarm the broker stops reading, and the library then blocks inside a write for as long as the alarm
/// lasts, heartbeats and timeouts notwithstanding. `shutdown(2)` ends that call with an error.
actor AMQPWatchdog {
    static let shared = AMQPWatchdog()

    private static let interval = Duration.milliseconds(250)

    private let loop = EventLoop(name: "amqp-watchdog", stackSize: 256 << 10)
    private var watches: [AMQPWatch] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    func add(_ watch: AMQPWatch) {
        self.watches.append(watch)
        if self.watches.count == 1 { Task(executorPreference: self.loop.tasks) { await self.patrol() } }
    }

    private func patrol() async {
        while !self.watches.isEmpty {
            _ = try? await self.loop.wait(for: [], on: -1, until: .now + Self.interval)
            self.watches.removeAll { $0.hasEnded }
            for watch in self.watches where watch.isOverdue { watch.cut() }
        }
    }
}

/// One socket under watch, and since when its thread has been writing to it.
final class AMQPWatch: Sendable {
    /// A duplicate, so that it stays this socket's when the library closes its own.
    private let descriptor: Locked<Int32>
    private let busySince = Atomic<UInt64>(0)
    private let limit: UInt64

    init(descriptor: Int32, limit: Duration) {
        self.descriptor = Locked(fcntl(descriptor, F_DUPFD_CLOEXEC, 0))
        self.limit = UInt64(max(0, limit / .nanoseconds(1)))
    }

    deinit { self.end() }

    /// Runs a call that may hang. Only the thread of the connection calls it.
    func guarding<Failure: Error>(_ call: () throws(Failure) -> Void) throws(Failure) {
        self.busySince.store(Self.now, ordering: .relaxed)
        defer { self.busySince.store(0, ordering: .relaxed) }
        try call()
    }

    var isOverdue: Bool {
        let since = self.busySince.load(ordering: .relaxed)
        return since != 0 && Self.now > since && Self.now - since > self.limit
    }

    var hasEnded: Bool { self.descriptor.withLock { $0 < 0 } }

    /// Ends the socket's traffic both ways, which fails the call that hangs and wakes whoever polls.
    func cut() {
        self.descriptor.withLock { descriptor in
            if descriptor >= 0 { _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// Stops watching.
    func end() {
        self.descriptor.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
