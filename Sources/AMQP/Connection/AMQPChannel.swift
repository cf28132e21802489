/// A channel of a connection: an independent conversation, which the broker closes over the first mistake in it.
public final class AMQPChannel: Sendable {
    /// What a queue holds.
    public struct QueueStatus: Sendable, Hashable {
        public let name: String
        /// Messages that wait for a consumer.
        public let messages: UInt32
        public let consumers: UInt32
    }

    let connection: AMQPConnection
    let number: UInt16
    let settlements: AMQPSettlements
    /// Why the channel ended, once it has.
    let end = Outcome<AMQPError>()
    /// What is published on the channel itself, as opposed to by an ``AMQPPublisher``.
    let publishing = AMQPPublishQueue()

    init(connection: AMQPConnection, number: UInt16) {
        self.connection = connection
        self.number = number
        self.settlements = AMQPSettlements { [weak connection] in connection?.wake() }
    }

    /// Closes the channel. The broker puts what is unsettled on it back into the queues.
    public func close() async {
        await self.connection.close(self)
    }

    // MARK: - Declaring

    /// Declares an exchange; fails with 406 when one of that name differs.
    public func declareExchange(_ exchange: AMQPTopology.Exchange) async throws(AMQPError) {
        _ = try await self.connection.call(self, .exchangeDeclare(exchange, passive: false))
    }

    /// Fails with 404 when there is no such exchange. The broker does not compare anything else.
    public func checkExchange(_ name: String) async throws(AMQPError) {
        _ = try await self.connection.call(self, .exchangeDeclare(AMQPTopology.Exchange(name, .topic), passive: true))
    }

    public func deleteExchange(_ name: String, ifUnused: Bool = false) async throws(AMQPError) {
        _ = try await self.connection.call(self, .exchangeDelete(name: name, ifUnused: ifUnused))
    }

    /// Declares a queue; fails with 406 when one of that name differs. An empty name lets the broker choose one.
    @discardableResult
    public func declareQueue(_ queue: AMQPTopology.Queue) async throws(AMQPError) -> QueueStatus {
        try await self.queueStatus(.queueDeclare(queue, passive: false))
    }

    /// What a queue holds; fails with 404 when there is none. The broker does not compare anything else.
    public func checkQueue(_ name: String) async throws(AMQPError) -> QueueStatus {
        try await self.queueStatus(.queueDeclare(AMQPTopology.Queue(name), passive: true))
    }

    /// Messages that wait in a queue.
    public func messageCount(_ queue: String) async throws(AMQPError) -> UInt32 {
        try await self.checkQueue(queue).messages
    }

    /// Deletes a queue and returns how many messages went with it.
    @discardableResult
    public func deleteQueue(
        _ name: String, ifUnused: Bool = false, ifEmpty: Bool = false
    ) async throws(AMQPError) -> UInt32 {
        try await self.reply(.queueDelete(name: name, ifUnused: ifUnused, ifEmpty: ifEmpty)).messageCount
    }

    /// Drops the messages that wait in a queue and returns how many there were.
    @discardableResult
    public func purgeQueue(_ name: String) async throws(AMQPError) -> UInt32 {
        try await self.reply(.queuePurge(name: name)).messageCount
    }

    public func bind(_ binding: AMQPTopology.Binding) async throws(AMQPError) {
        _ = try await self.connection.call(self, .bind(binding))
    }

    public func unbind(_ binding: AMQPTopology.Binding) async throws(AMQPError) {
        _ = try await self.connection.call(self, .unbind(binding))
    }

    // MARK: - Taking

    /// Limits how many deliveries of each later consumer may be unsettled; 0 for no limit.
    public func setPrefetch(_ count: UInt16) async throws(AMQPError) {
        _ = try await self.connection.call(self, .qos(prefetch: count))
    }

    /// Takes one message out of a queue, for tools: it costs a round trip.
    public func get(_ queue: String) async throws(AMQPError) -> AMQPDelivery? {
        guard case .message(let delivery) = try await self.connection.call(self, .get(queue: queue)) else { return nil }
        return delivery
    }

    /// Starts a consumer and returns its deliveries. The sequence does not end by itself when the channel does.
    public func consume(
        _ queue: String, exclusive: Bool = false, arguments: AMQPTable = [:]
    ) async throws(AMQPError) -> AMQPDeliveries {
        let subscription = AMQPSubscription(queue: queue, buffer: AMQPDeliveryBuffer())
        try await self.consume(subscription, exclusive: exclusive, arguments: arguments)
        return AMQPDeliveries(buffer: subscription.buffer)
    }

    func consume(
        _ subscription: AMQPSubscription, exclusive: Bool = false, arguments: AMQPTable = [:]
    ) async throws(AMQPError) {
        let request = AMQPRequest.consume(queue: subscription.queue, exclusive: exclusive, arguments: arguments)
        _ = try await self.connection.call(self, request) { answer, state in
            guard case .reply(let reply) = answer else { return }
            subscription.consumer.fulfil(reply.name)
            state.subscriptions[reply.name] = subscription
        }
    }

    /// Ends a consumer: no delivery comes after this returns. What was delivered can still be settled.
    func cancel(_ subscription: AMQPSubscription) async throws(AMQPError) {
        guard let consumer = subscription.consumer.current else { return }
        _ = try await self.connection.call(self, .cancel(consumer: consumer)) { _, state in
            state.subscriptions[consumer] = nil
        }
    }

    /// Settles by number, unchecked: the broker closes the channel over a number it does not know.
    public func acknowledge(tag: UInt64, multiple: Bool = false) async throws(AMQPError) {
        try await self.connection.tell(self, .acknowledge(tag: tag, multiple: multiple))
    }

    // MARK: - Publishing

    /// Puts the channel in confirm mode, before the first ``publish(_:exchange:routingKey:mandatory:timeout:)``.
    public func selectConfirms() async throws(AMQPError) {
        try await self.selectConfirms(self.publishing)
    }

    func selectConfirms(_ queue: AMQPPublishQueue) async throws(AMQPError) {
        _ = try await self.connection.call(self, .confirmSelect)
        await self.connection.attach(queue, to: self)
    }

    /// Publishes and returns once the broker has confirmed the message. Does not recover, as ``AMQPPublisher`` does.
    public func publish(
        _ message: AMQPMessage, exchange: String, routingKey: String, mandatory: Bool = true,
        timeout: Duration = .seconds(30)
    ) async throws(AMQPError) {
        if let error = self.end.current { throw error }
        try await self.publishing.publish(
            AMQPPublication(message: message, exchange: exchange, routingKey: routingKey, isMandatory: mandatory),
            timeout: timeout)
    }

    // MARK: - Inside

    private func reply(_ request: AMQPRequest) async throws(AMQPError) -> AMQPReply {
        guard case .reply(let reply) = try await self.connection.call(self, request) else { return AMQPReply() }
        return reply
    }

    private func queueStatus(_ request: AMQPRequest) async throws(AMQPError) -> QueueStatus {
        let reply = try await self.reply(request)
        return QueueStatus(name: reply.name, messages: reply.messageCount, consumers: reply.consumerCount)
    }
}
