internal import EventLoops

/// A ``PublishLedger`` between callers on any thread and the connection that sends at the moment.
final class AMQPPublishQueue: Sendable {
    typealias Waiter = UnsafeContinuation<Result<Void, AMQPError>, Never>

    private struct State {
        // A waiter is resumed once: whoever resumes it has removed it from the ledger under the lock.
        var ledger = PublishLedger<Waiter>()
        var nextID: UInt64 = 0
        var outlet: (@Sendable () -> Void)?
        var isBlocked = false
        var lastError: AMQPError?
        var end: AMQPError?
        var flushes: [UnsafeContinuation<Void, Never>] = []
    }

    private let state = Locked(State())

    /// Messages that wait, and messages that were confirmed so far.
    var counts: (outstanding: Int, confirmed: UInt64) {
        self.state.withLock { ($0.ledger.count, $0.ledger.confirmedCount) }
    }

    /// Whether the broker has paused publishing.
    var isBlocked: Bool { self.state.withLock { $0.isBlocked } }

    // MARK: - Callers

    /// Returns once the broker has the message and it reached a queue, or throws.
    func publish(_ publication: AMQPPublication, timeout: Duration) async throws(AMQPError) {
        try publication.validate(frameSize: AMQPConfiguration.frameMax - 64)
        let deadline = ContinuousClock.now + timeout
        let id = self.state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let result: Result<Void, AMQPError> = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let (error, outlet): (AMQPError?, (@Sendable () -> Void)?) = self.state.withLock { state in
                    if let end = state.end { return (end, nil) }
                    if Task.isCancelled { return (Self.cancelled, nil) }
                    state.ledger.add(publication, id: id, deadline: deadline, waiter: continuation)
                    return (nil, state.isBlocked ? nil : state.outlet)
                }
                if let error { continuation.resume(returning: .failure(error)) }
                outlet?()
            }
        } onCancel: {
            let waiter = self.update { state, _ in state.ledger.cancel(id: id) }
            waiter?.resume(returning: .failure(Self.cancelled))
        }
        try result.get()
    }

    /// Returns once nothing is outstanding.
    func flush() async {
        await withUnsafeContinuation { continuation in
            let isEmpty = self.state.withLock { state in
                if !state.ledger.isEmpty { state.flushes.append(continuation) }
                return state.ledger.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }

    /// Tells those whose time is up.
    func expire(at now: ContinuousClock.Instant = .now) {
        self.update { state, settled in
            let reason =
                state.isBlocked
                ? AMQPError(
                    .blocked, "the broker has paused publishing (memory or disk alarm); free either at the broker")
                : state.outlet == nil ? state.lastError : nil
            state.ledger.expire(at: now, reason: reason, into: &settled)
        }
    }

    /// Fails what is outstanding and all that comes.
    func close(_ error: AMQPError) {
        self.update { state, settled in
            if state.end == nil { state.end = error }
            state.ledger.close(error, into: &settled)
        }
    }

    // MARK: - The connection

    /// From now on messages go out through this channel, and `outlet` is called when there is one to send.
    func attach(outlet: @escaping @Sendable () -> Void) {
        self.state.withLock { state in
            state.outlet = outlet
            state.isBlocked = false
        }
        outlet()
    }

    /// The channel has ended.
    func detach(_ error: AMQPError) {
        self.update { state, settled in
            state.outlet = nil
            state.isBlocked = false
            state.lastError = error
            state.ledger.lose(error, into: &settled)
        }
    }

    /// Keeps the reason why there is no connection, for those who wait in vain.
    func note(_ error: AMQPError) {
        self.state.withLock { $0.lastError = error }
    }

    func block(_ isBlocked: Bool) {
        let outlet = self.state.withLock { state in
            state.isBlocked = isBlocked
            return isBlocked ? nil : state.outlet
        }
        outlet?()
    }

    /// Whether the broker has left a message unconfirmed for longer than that, although it has not paused publishing.
    func isOverdue(_ limit: Duration, at now: ContinuousClock.Instant) -> Bool {
        self.state.withLock { state in
            guard !state.isBlocked, let oldest = state.ledger.oldestSent else { return false }
            return now - oldest > limit
        }
    }

    /// The next message to send; it counts as sent.
    func next() -> AMQPPublication? {
        self.state.withLock { state in
            state.isBlocked ? nil : state.ledger.next()
        }
    }

    func confirm(_ tag: UInt64, multiple: Bool, isAccepted: Bool) {
        self.update { state, settled in
            state.ledger.confirm(tag, multiple: multiple, isAccepted: isAccepted, into: &settled)
        }
    }

    func giveBack(code: UInt16, text: String, exchange: String, routingKey: String, message: AMQPMessage) -> Bool {
        self.state.withLock { state in
            state.ledger.giveBack(code: code, text: text, exchange: exchange, routingKey: routingKey, message: message)
        }
    }

    // MARK: - Inside

    /// Changes the state and then, outside the lock, tells those whom the change concerns.
    @discardableResult
    private func update<R: Sendable>(
        _ body: (inout State, inout PublishLedger<Waiter>.Settled) -> R
    ) -> R {
        let (result, settled, flushes) = self.state.withLock { state in
            var settled: PublishLedger<Waiter>.Settled = []
            let result = body(&state, &settled)
            var flushes: [UnsafeContinuation<Void, Never>] = []
            if state.ledger.isEmpty, !state.flushes.isEmpty { swap(&flushes, &state.flushes) }
            return (result, settled, flushes)
        }
        for (waiter, error) in settled {
            waiter.resume(returning: error.map { .failure($0) } ?? .success(()))
        }
        for flush in flushes { flush.resume() }
        return result
    }

    private static var cancelled: AMQPError {
        AMQPError(.cancelled, "the task was cancelled; the message may have arrived")
    }
}
