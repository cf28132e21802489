internal import CLinux
import Glibc
import Synchronization

/// A thread that runs actor jobs and, between them, sleeps in `poll(2)` on the sockets those actors own.
///
/// Pin an actor to a loop by returning `asUnownedSerialExecutor()` from its `unownedExecutor`. A C library that is not
/// thread-safe is then only ever called from this one thread, and the compiler checks it.
///
/// The thread keeps the loop alive until ``shutdown()``. A job that comes after that is still run, on a thread started
/// for it, so that no task of a pinned actor is ever left hanging.
public final class EventLoop: SerialExecutor {
    private enum Work {
        case job(UnownedJob)
        case body(@Sendable () -> Void)
    }

    private struct Waiter {
        let id: UInt64
        let descriptor: Int32
        let interest: Readiness
        let deadline: ContinuousClock.Instant?
        // Unsafe, because checking costs an allocation a wait. Resumed once: whoever resumes it has removed it under the lock.
        let continuation: UnsafeContinuation<Readiness?, Never>
    }

    private struct State {
        var work: [Work] = []
        var waiters: [Waiter] = []
        var nextID: UInt64 = 0
        var isAsleep = false
        var isStopping = false
        var isRunning = true
        var onEnd: [UnsafeContinuation<Void, Never>] = []
    }

    private enum Turn {
        case work([Work], [Waiter])
        case sleep([Waiter])
        case fail([Waiter])
        case end([UnsafeContinuation<Void, Never>])
    }

    /// Rounds of work after which the sockets are looked at even though more work is waiting.
    private static let roundsBetweenPolls = 16

    private let name: String
    private let stackSize: Int
    private let state = Locked(State())
    private let wakeup = linux_eventfd()
    private let thread = Atomic<UInt>(0)

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: What debuggers and `top -H` show; its first 15 bytes.
    ///   - stackSize: Bytes of stack. The default survives the deepest header table that fits in an AMQP frame.
    public init(name: String, stackSize: Int = 16 << 20) {
        precondition(self.wakeup >= 0, "no eventfd could be made: \(String(cString: strerror(errno)))")
        self.name = name
        self.stackSize = stackSize
        startThread(name: name, stackSize: stackSize) { self.run() }
    }

    deinit { close(self.wakeup) }

    // MARK: - Running

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.update { $0.work.append(.job(job)) }
    }

    /// Runs a body on the loop's thread, after the jobs that are already queued.
    ///
    /// The body may call `assumeIsolated` of an actor pinned to this loop.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        self.update { $0.work.append(.body(body)) }
    }

    public func isIsolatingCurrentContext() -> Bool? {
        self.thread.load(ordering: .relaxed) == UInt(pthread_self())
    }

    public func checkIsolated() {
        precondition(self.isIsolatingCurrentContext() == true, "not on the thread of the event loop \(self.name)")
    }

    // MARK: - Waiting

    /// Suspends until the descriptor is ready, or until the deadline passes, which returns an empty set.
    ///
    /// Several tasks may wait, for the same descriptor too. A negative descriptor is never ready, so that only the
    /// deadline ends the wait. Throws when the task is cancelled or the loop shut down.
    public func wait(
        for interest: Readiness,
        on descriptor: Int32,
        until deadline: ContinuousClock.Instant? = nil,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(CancellationError) -> Readiness {
        let id = self.state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let readiness = await withTaskCancellationHandler {
            // The closure has the caller's isolation only because it captures it; otherwise it would run on the pool.
            _ = isolation
            return await withUnsafeContinuation { continuation in
                let waiter = Waiter(
                    id: id, descriptor: descriptor, interest: interest, deadline: deadline, continuation: continuation)
                let isAccepted = self.update { state in
                    if !state.isStopping { state.waiters.append(waiter) }
                    return !state.isStopping
                }
                if !isAccepted {
                    continuation.resume(returning: nil)
                } else if Task.isCancelled {
                    self.cancel(id)
                }
            }
        } onCancel: {
            self.cancel(id)
        }
        guard let readiness else { throw CancellationError() }
        return readiness
    }

    private func cancel(_ id: UInt64) {
        let waiter = self.update { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: nil)
    }

    // MARK: - Ending

    /// Ends the thread once it has run what is queued and failed what is waiting. Returns at once.
    public func shutdown() {
        self.update { $0.isStopping = true }
    }

    /// Suspends until the thread has ended after ``shutdown()``.
    public func waitForShutdown() async {
        await withUnsafeContinuation { continuation in
            let hasEnded = self.state.withLock { state in
                if state.isRunning { state.onEnd.append(continuation) }
                return !state.isRunning
            }
            if hasEnded { continuation.resume() }
        }
    }

    // MARK: - The loop

    /// Changes the state, wakes the thread when it sleeps, and starts it again when it has ended and work came.
    private func update<Result: Sendable>(_ body: (inout sending State) -> sending Result) -> Result {
        let (result, mustWake, mustStart) = self.state.withLock { state in
            let result = body(&state)
            let mustStart = !state.isRunning && !state.work.isEmpty
            if mustStart { state.isRunning = true }
            defer { state.isAsleep = false }
            return (result, state.isAsleep, mustStart)
        }
        if mustStart { startThread(name: self.name, stackSize: self.stackSize) { self.run() } }
        if mustWake {
            var one: UInt64 = 1
            _ = write(self.wakeup, &one, 8)
        }
        return result
    }

    private func run() {
        self.thread.store(UInt(pthread_self()), ordering: .relaxed)
        var descriptors: [pollfd] = []
        var rounds = 0
        while true {
            switch self.nextTurn() {
            case .work(let work, let waiters):
                for item in work {
                    switch item {
                    case .job(let job): job.runSynchronously(on: self.asUnownedSerialExecutor())
                    case .body(let body): body()
                    }
                }
                rounds += 1
                if rounds >= Self.roundsBetweenPolls, !waiters.isEmpty {
                    rounds = 0
                    self.poll(waiters, &descriptors, mayBlock: false)
                }
            case .sleep(let waiters):
                rounds = 0
                self.poll(waiters, &descriptors, mayBlock: true)
            case .fail(let waiters):
                for waiter in waiters { waiter.continuation.resume(returning: nil) }
            case .end(let continuations):
                for continuation in continuations { continuation.resume() }
                return
            }
        }
    }

    /// One critical section decides: work that comes later either is seen here, or sees `isAsleep` and wakes the poll.
    private func nextTurn() -> Turn {
        self.state.withLock { state in
            if !state.work.isEmpty {
                var work: [Work] = []
                work.reserveCapacity(state.work.count)
                swap(&work, &state.work)
                return .work(work, state.waiters)
            }
            guard state.isStopping else {
                state.isAsleep = true
                return .sleep(state.waiters)
            }
            if !state.waiters.isEmpty {
                defer { state.waiters.removeAll() }
                return .fail(state.waiters)
            }
            state.isRunning = false
            self.thread.store(0, ordering: .relaxed)
            defer { state.onEnd.removeAll() }
            return .end(state.onEnd)
        }
    }

    /// Sleeps until a waiter is ready, a deadline passes, or there is work.
    private func poll(_ waiters: [Waiter], _ descriptors: inout [pollfd], mayBlock: Bool) {
        descriptors.removeAll(keepingCapacity: true)
        descriptors.append(pollfd(fd: self.wakeup, events: Int16(POLLIN), revents: 0))
        var deadline: ContinuousClock.Instant?
        for waiter in waiters {
            descriptors.append(pollfd(fd: waiter.descriptor, events: waiter.interest.rawValue, revents: 0))
            if let candidate = waiter.deadline { deadline = min(deadline ?? candidate, candidate) }
        }
        _ = Glibc.poll(&descriptors, nfds_t(descriptors.count), mayBlock ? Self.milliseconds(until: deadline) : 0)
        if descriptors[0].revents != 0 {
            var count: UInt64 = 0
            _ = read(self.wakeup, &count, 8)
        }
        let now = deadline == nil ? nil : ContinuousClock.now
        for (waiter, descriptor) in zip(waiters, descriptors.dropFirst()) {
            let readiness = Readiness(rawValue: descriptor.revents)
            let isLate = if let deadline = waiter.deadline, let now { deadline <= now } else { false }
            guard !readiness.isEmpty || isLate else { continue }
            let isWaiting = self.state.withLock { state in
                guard let index = state.waiters.firstIndex(where: { $0.id == waiter.id }) else { return false }
                state.waiters.remove(at: index)
                return true
            }
            if isWaiting { waiter.continuation.resume(returning: readiness) }
        }
    }

    /// The time left, rounded up, as `poll(2)` takes it: -1 for ever.
    private static func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let left = (ContinuousClock.now.duration(to: deadline) / .milliseconds(1)).rounded(.up)
        return Int32(max(0, min(left, 3_600_000)))
    }
}
