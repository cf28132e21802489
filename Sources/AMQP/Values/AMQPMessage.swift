/// A message: its properties and its body.
public struct AMQPMessage: Sendable, Hashable {
    public var properties: AMQPProperties
    public var body: [UInt8]

    public init(properties: AMQPProperties = AMQPProperties(), body: [UInt8]) {
        self.properties = properties
        self.body = body
    }
}

/// A message on its way to an exchange.
struct AMQPPublication: Sendable {
    let message: AMQPMessage
    let exchange: String
    let routingKey: String
    let isMandatory: Bool

    func validate(frameSize: Int) throws(AMQPError) {
        for (name, text) in [("exchange", self.exchange), ("routing key", self.routingKey)] where text.utf8.count > 255
        {
            throw AMQPError(.invalidArgument, "the \(name) has \(text.utf8.count) bytes; 255 fit")
        }
        try self.message.properties.validate(frameSize: frameSize)
    }
}
