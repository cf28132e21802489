internal import EventLoops
public import Logging

/// Consumes queues over one connection and recovers by itself: from lost connections, closed channels and deleted queues.
///
/// Run ``run()`` in a task of its own and iterate ``deliveries`` in others. To drain, call ``cancel()``, settle what was
/// taken, then ``shutdown()``.
public final class AMQPConsumer: Sendable {
    private struct State {
        var status = AMQPStatus(.connecting)
        var wasConnected = false
        var isCancelled = false
        var subscriptions: [ObjectIdentifier: (channel: AMQPChannel, subscription: AMQPSubscription)] = [:]
    }

    private let configuration: AMQPConfiguration
    private let queues: [String]
    private let prefetch: UInt16
    private let topology: AMQPTopology
    private let logger: Logger?

    private let buffer = AMQPDeliveryBuffer()
    private let state = Locked(State())
    private let stop = Outcome<Void>()

    /// - Parameters:
    ///   - queues: The queues to consume, each on a channel of its own.
    ///   - prefetch: How many deliveries of each queue may be unsettled, 1 to 65,535. A crash charges each of them a delivery.
    ///   - topology: Declared on each new connection before consuming, as an exclusive queue for answers must be.
    public init(
        _ configuration: AMQPConfiguration, queues: [String], prefetch: Int, declaring topology: AMQPTopology = .init(),
        logger: Logger? = nil
    ) {
        self.configuration = configuration
        self.queues = queues
        self.prefetch = UInt16(clamping: max(1, prefetch))
        self.topology = topology
        self.logger = logger
    }

    /// The deliveries of all queues. Ends after ``cancel()`` or ``shutdown()``.
    public var deliveries: AMQPDeliveries { AMQPDeliveries(buffer: self.buffer) }

    /// A snapshot.
    public var status: AMQPStatus {
        let (count, last) = self.buffer.received
        var status = self.state.withLock { $0.status }
        (status.messages, status.lastDelivery) = (count, last)
        return status
    }

    /// Consumes until ``shutdown()`` or until the task is cancelled.
    public func run() async {
        let recovery = AMQPRecovery(configuration: self.configuration, logger: self.logger)
        await self.stop.cancelling {
            await recovery.run(observe: self.observe) { await self.serve($0) }
        }
        _ = self.buffer.finish()
        self.state.withLock { $0.status.enter(.closed) }
    }

    /// Ends consuming: no delivery comes any more, those that nobody has taken go back to the broker at once, and
    /// ``deliveries`` ends. What was taken can still be settled, until ``shutdown()``.
    public func cancel() async {
        let subscriptions = self.state.withLock { state in
            state.isCancelled = true
            return Array(state.subscriptions.values)
        }
        for (channel, subscription) in subscriptions { try? await channel.cancel(subscription) }
        for delivery in self.buffer.finish() { try? await delivery.nack(requeue: true) }
    }

    /// Sends what is settled and closes the connection. The broker puts everything else back into the queues.
    public func shutdown() async {
        await self.cancel()
        self.stop.fulfil(())
    }

    // MARK: - Inside

    private func observe(_ event: AMQPRecovery.Event) {
        self.state.withLock { state in
            switch event {
            case .connected:
                if state.wasConnected { state.status.reconnects += 1 }
                state.wasConnected = true
                state.status.enter(self.queues.isEmpty ? .connected : .degraded)
            case .disconnected(let error):
                state.status.lastError = error
                state.status.enter(.connecting)
            }
        }
    }

    /// Consumes every queue until the connection ends or the task is cancelled.
    private func serve(_ connection: AMQPConnection) async {
        await withTaskGroup(of: Void.self) { group in
            for queue in self.queues {
                group.addTask { await self.keepSubscribed(to: queue, on: connection) }
            }
            group.addTask { _ = await connection.end.wait() }
            // The queues' tasks end only with the connection or the task; the first to end is the last that matters.
            await group.next()
            group.cancelAll()
        }
    }

    private func keepSubscribed(to queue: String, on connection: AMQPConnection) async {
        var backoff = Backoff()
        while !Task.isCancelled, connection.end.current == nil {
            do {
                try await connection.withChannel { channel throws(AMQPError) in
                    try await self.topology.apply(on: channel)
                    try await channel.setPrefetch(self.prefetch)
                    defer { self.buffer.discard(of: channel.settlements) }
                    try await self.consume(queue, on: channel, &backoff)
                }
            } catch {
                self.note(error, queue)
            }
            try? await Task.sleep(for: backoff.next())
        }
    }

    /// Consumes on a channel for as long as it lasts: when only the consumer ends, what was delivered before can still
    /// be settled, so the channel is kept.
    private func consume(_ queue: String, on channel: AMQPChannel, _ backoff: inout Backoff) async throws(AMQPError) {
        while !Task.isCancelled {
            let subscription = AMQPSubscription(queue: queue, buffer: self.buffer)
            guard self.begin(subscription, on: channel) else {
                _ = await channel.end.wait()
                return
            }
            defer { self.end(subscription) }
            try await channel.consume(subscription)
            guard self.confirm(subscription) else {
                // Cancelled while the broker answered.
                try await channel.cancel(subscription)
                _ = await channel.end.wait()
                return
            }
            backoff.reset()
            guard let error = await subscription.end.wait() else { return }
            guard error.code == .consumerCancelled else { throw error }
            self.note(error, queue)
            try? await Task.sleep(for: backoff.next())
        }
    }

    private func begin(_ subscription: AMQPSubscription, on channel: AMQPChannel) -> Bool {
        self.state.withLock { state in
            guard !state.isCancelled else { return false }
            state.subscriptions[ObjectIdentifier(subscription)] = (channel, subscription)
            return true
        }
    }

    private func confirm(_ subscription: AMQPSubscription) -> Bool {
        self.logger?.info("Consuming", metadata: ["amqp.queue": "\(subscription.queue)"])
        return self.state.withLock { state in
            state.status.queues.insert(subscription.queue)
            if state.status.queues.isSuperset(of: self.queues) { state.status.enter(.connected) }
            return !state.isCancelled
        }
    }

    private func end(_ subscription: AMQPSubscription) {
        self.state.withLock { state in
            state.subscriptions[ObjectIdentifier(subscription)] = nil
            state.status.queues.remove(subscription.queue)
            if state.status.phase == .connected { state.status.enter(.degraded) }
        }
    }

    private func note(_ error: AMQPError, _ queue: String) {
        self.state.withLock { $0.status.lastError = error }
        self.logger?.info(
            "Not consuming; trying again", metadata: ["amqp.queue": "\(queue)", "amqp.error": "\(error)"])
    }
}
