/// Exchanges, queues and bindings as a value: what should be at the broker.
public struct AMQPTopology: Sendable, Hashable {
    public struct Exchange: Sendable, Hashable {
        /// How an exchange routes; a plugin may add more.
        public struct Kind: Sendable, Hashable {
            public let name: String

            public init(name: String) { self.name = name }

            public static let direct = Kind(name: "direct")
            public static let fanout = Kind(name: "fanout")
            public static let topic = Kind(name: "topic")
            public static let headers = Kind(name: "headers")
        }

        public var name: String
        public var kind: Kind
        public var isDurable: Bool
        public var isAutoDelete: Bool
        public var isInternal: Bool
        public var arguments: AMQPTable

        public init(
            _ name: String, _ kind: Kind, isDurable: Bool = true, isAutoDelete: Bool = false, isInternal: Bool = false,
            arguments: AMQPTable = [:]
        ) {
            self.name = name
            self.kind = kind
            self.isDurable = isDurable
            self.isAutoDelete = isAutoDelete
            self.isInternal = isInternal
            self.arguments = arguments
        }
    }

    public struct Queue: Sendable, Hashable {
        public var name: String
        public var isDurable: Bool
        /// Whether only the connection that declares it may use it, and it goes when that connection does.
        public var isExclusive: Bool
        public var isAutoDelete: Bool
        public var arguments: AMQPTable

        public init(
            _ name: String, isDurable: Bool = true, isExclusive: Bool = false, isAutoDelete: Bool = false,
            arguments: AMQPTable = [:]
        ) {
            self.name = name
            self.isDurable = isDurable
            self.isExclusive = isExclusive
            self.isAutoDelete = isAutoDelete
            self.arguments = arguments
        }

        /// A durable, replicated queue (`x-queue-type: quorum`).
        public static func quorum(_ name: String, arguments: AMQPTable = [:]) -> Queue {
            var arguments = arguments
            arguments["x-queue-type"] = "quorum"
            return Queue(name, arguments: arguments)
        }
    }

    public struct Binding: Sendable, Hashable {
        public enum Destination: Sendable, Hashable {
            case queue(String)
            case exchange(String)
        }

        /// The exchange that messages come from.
        public var source: String
        public var destination: Destination
        public var routingKey: String
        public var arguments: AMQPTable

        public init(
            from source: String, to destination: Destination, routingKey: String, arguments: AMQPTable = [:]
        ) {
            self.source = source
            self.destination = destination
            self.routingKey = routingKey
            self.arguments = arguments
        }
    }

    public var exchanges: [Exchange]
    public var queues: [Queue]
    public var bindings: [Binding]

    public init(exchanges: [Exchange] = [], queues: [Queue] = [], bindings: [Binding] = []) {
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
    }
}
