/// A message that the broker delivered, to be settled exactly once.
public struct AMQPDelivery: Sendable {
    /// The exchange that the message was published to; empty for the default one.
    public let exchange: String
    public let routingKey: String
    /// The queue that it was consumed from.
    public let queue: String
    /// Whether the broker may have delivered it before.
    public let redelivered: Bool
    public let message: AMQPMessage
    /// The number of the delivery on its channel.
    public let deliveryTag: UInt64

    let settlements: AMQPSettlements

    public var properties: AMQPProperties { self.message.properties }
    public var body: [UInt8] { self.message.body }

    /// Tells the broker that the message is done with, and with `multiple` every unsettled one before it on the channel.
    ///
    /// Returns once it is handed to the connection: the protocol knows no answer. Whoever must know that a crash cannot
    /// undo it has to be ready for a redelivery.
    ///
    /// - Throws: `connectionLost`, `connectionClosed` or `channelClosed` when the channel of the delivery is gone (the
    ///   message is back in its queue), `alreadySettled` the second time.
    public func acknowledge(multiple: Bool = false) async throws(AMQPError) {
        try self.settlements.settle(self.deliveryTag, .acknowledge, multiple: multiple)
    }

    /// Gives the message back, or with `requeue: false` lets the queue drop or dead-letter it.
    public func reject(requeue: Bool) async throws(AMQPError) {
        try self.settlements.settle(self.deliveryTag, .reject(requeue: requeue))
    }

    /// As ``reject(requeue:)``, with `multiple` for every unsettled delivery before it on the channel too.
    public func nack(requeue: Bool, multiple: Bool = false) async throws(AMQPError) {
        try self.settlements.settle(self.deliveryTag, .reject(requeue: requeue), multiple: multiple)
    }
}
