public import AMQP

/// A message as a dead letter keeps it: whole, so that the very same message can be published again, bit for bit.
///
/// Beside its queue, exchange, routing key and body a row holds two JSON documents: the properties with the headers, which
/// operators may read, and apart from them the values of `authorization` headers, which they may not.
public struct StoredMessage: Sendable, Hashable {
    /// The queue that it was consumed from.
    public var queue: String
    /// Where it was published to, and under which routing key.
    public var exchange: String
    public var routingKey: String
    public var message: AMQPMessage

    public init(queue: String, exchange: String, routingKey: String, message: AMQPMessage) {
        self.queue = queue
        self.exchange = exchange
        self.routingKey = routingKey
        self.message = message
    }

    /// What a row holds of it.
    public struct Columns: Sendable, Hashable {
        public var queue: String
        public var exchange: String
        public var routingKey: String
        /// All properties and headers, but for credentials.
        public var properties: JSONValue
        /// The credentials, in the order of their places in `properties`.
        public var withheld: JSONValue
        public var body: [UInt8]

        public init(
            queue: String, exchange: String, routingKey: String, properties: JSONValue, withheld: JSONValue, body: [UInt8]
        ) {
            self.queue = queue
            self.exchange = exchange
            self.routingKey = routingKey
            self.properties = properties
            self.withheld = withheld
            self.body = body
        }
    }

    /// Why a row does not give a message: the member of its JSON that is not as ``columns`` writes it.
    public struct Unreadable: Error, Hashable, CustomStringConvertible {
        public let place: String
        public var description: String { "the kept message is damaged at \(self.place)" }
    }

    public var columns: Columns {
        var withheld: [JSONValue] = []
        var properties = StoredProperties.json(of: self.message.properties, withholding: &withheld)
        // PostgreSQL has no NUL in text. It reads as U+FFFD in the columns, and the true names are kept with the properties.
        for (name, text) in [("exchange", self.exchange), ("routing_key", self.routingKey)] where text.utf8.contains(0) {
            properties[name] = StoredProperties.json(of: text)
        }
        return Columns(
            queue: self.queue.replacing("\0", with: "\u{FFFD}"), exchange: self.exchange.replacing("\0", with: "\u{FFFD}"),
            routingKey: self.routingKey.replacing("\0", with: "\u{FFFD}"), properties: .object(properties), withheld: .array(withheld),
            body: self.message.body)
    }

    public init(_ columns: Columns) throws(Unreadable) {
        guard let properties = columns.properties.object else { throw Unreadable(place: "properties") }
        guard let withheld = columns.withheld.array else { throw Unreadable(place: "withheld") }
        self.init(
            queue: columns.queue,
            exchange: try StoredProperties.text(properties["exchange"], "exchange") ?? columns.exchange,
            routingKey: try StoredProperties.text(properties["routing_key"], "routing_key") ?? columns.routingKey,
            message: AMQPMessage(properties: try StoredProperties.properties(properties, withheld), body: columns.body))
    }
}
