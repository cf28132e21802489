internal import DequeModule
internal import EventLoops

/// The deliveries of a consumer, in the order in which they came. Several tasks may iterate: each delivery goes to one.
///
/// The sequence ends when the consumer is cancelled or shut down, and for a task that is cancelled.
public struct AMQPDeliveries: AsyncSequence, Sendable {
    public typealias Element = AMQPDelivery
    public typealias Failure = Never

    let buffer: AMQPDeliveryBuffer

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(buffer: self.buffer)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let buffer: AMQPDeliveryBuffer

        public mutating func next() async -> AMQPDelivery? {
            await self.buffer.next()
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> AMQPDelivery? {
            await self.buffer.next()
        }
    }
}

/// Deliveries between the connection's thread and the tasks that handle them. The prefetch count bounds it.
final class AMQPDeliveryBuffer: Sendable {
    private struct Waiter {
        let id: UInt64
        // Unsafe for its speed. Resumed once: whoever resumes it has removed it under the lock.
        let continuation: UnsafeContinuation<AMQPDelivery?, Never>
    }

    private struct State {
        var deliveries: Deque<AMQPDelivery> = []
        var waiters: Deque<Waiter> = []
        var nextID: UInt64 = 0
        var isFinished = false
        var count: UInt64 = 0
        var last: ContinuousClock.Instant?
    }

    private let state = Locked(State())

    /// Deliveries that have come so far, and when the last one did.
    var received: (count: UInt64, last: ContinuousClock.Instant?) {
        self.state.withLock { ($0.count, $0.last) }
    }

    /// Hands a delivery to a waiting task or keeps it for the next one; false once finished.
    func push(_ delivery: AMQPDelivery) -> Bool {
        let now = ContinuousClock.now
        let (isTaken, waiter): (Bool, Waiter?) = self.state.withLock { state in
            guard !state.isFinished else { return (false, nil) }
            state.count += 1
            state.last = now
            let waiter = state.waiters.popFirst()
            if waiter == nil { state.deliveries.append(delivery) }
            return (true, waiter)
        }
        waiter?.continuation.resume(returning: delivery)
        return isTaken
    }

    func next() async -> AMQPDelivery? {
        let (ready, isFinished, id): (AMQPDelivery?, Bool, UInt64) = self.state.withLock { state in
            state.nextID += 1
            return (state.deliveries.popFirst(), state.isFinished, state.nextID)
        }
        if ready != nil || isFinished { return ready }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let result: AMQPDelivery?? = self.state.withLock { state in
                    if let delivery = state.deliveries.popFirst() { return delivery }
                    if state.isFinished || Task.isCancelled { return .some(nil) }
                    state.waiters.append(Waiter(id: id, continuation: continuation))
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            let waiter = self.state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: nil)
        }
    }

    /// Drops what nobody has taken of a channel that has ended: the broker delivers it again.
    func discard(of settlements: AMQPSettlements) {
        self.state.withLock { state in
            state.deliveries.removeAll { $0.settlements === settlements }
        }
    }

    /// Ends the sequence and returns what nobody has taken.
    func finish() -> [AMQPDelivery] {
        let (left, waiters): ([AMQPDelivery], Deque<Waiter>) = self.state.withLock { state in
            state.isFinished = true
            defer {
                state.deliveries.removeAll()
                state.waiters.removeAll()
            }
            return (Array(state.deliveries), state.waiters)
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
        return left
    }
}
