/// Where the broker is and how to log in.
public struct AMQPConfiguration: Sendable, Hashable {
    /// A host and a port.
    public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
        public var host: String
        public var port: UInt16

        public init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }

        public var description: String {
            self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
        }
    }

    /// How the broker proves who it is and, with a certificate, how this client does.
    public struct TLS: Sendable, Hashable {
        /// Certificates of the authorities to trust, PEM. By default the system's.
        public var caFile: String?
        /// This client's certificate chain, PEM; goes with ``keyFile``.
        public var certificateFile: String?
        /// The key of ``certificateFile``, PEM.
        public var keyFile: String?
        /// Whether the certificate must name the host that was connected to.
        public var verifyHostname: Bool

        public init(
            caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, verifyHostname: Bool = true
        ) {
            self.caFile = caFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
            self.verifyHostname = verifyHostname
        }
    }

    /// The nodes of the broker, which share users, virtual hosts and queues. They are tried in random order.
    public var endpoints: [Endpoint]
    public var user: String
    public var password: String
    public var virtualHost: String
    /// TLS when not `nil` (`amqps`).
    public var tls: TLS?
    /// What the broker's management page shows for the connection.
    public var connectionName: String
    /// Silence after which either side takes the other for dead, in whole seconds; 0 for never.
    public var heartbeat: Duration = .seconds(10)
    /// How long one node may take to accept the connection, and again to accept the login.
    public var connectTimeout: Duration = .seconds(5)
    /// How long the broker may take to answer a declaration or another call.
    public var callTimeout: Duration = .seconds(15)
    /// How long an ``AMQPPublisher`` waits for a confirm, unless the broker has paused it, before it sends what is
    /// unconfirmed again over a new channel. A broker that recovers from a crash can forget to confirm.
    public var confirmTimeout: Duration = .seconds(15)
    /// How long a single write may hang before the watchdog cuts the connection.
    public var sendTimeout: Duration = .seconds(10)

    public init(
        endpoints: [Endpoint], user: String, password: String, virtualHost: String = "/", tls: TLS? = nil,
        connectionName: String = "teller"
    ) {
        self.endpoints = endpoints
        self.user = user
        self.password = password
        self.virtualHost = virtualHost
        self.tls = tls
        self.connectionName = connectionName
    }

    /// The largest frame: the broker's default. A smaller one would make a message with large headers unreadable.
    static let frameMax = 131_072

    /// Whole seconds, as the protocol takes it; never 0 unless heartbeats are off.
    var heartbeatSeconds: Int32 {
        self.heartbeat <= .zero ? 0 : Int32(clamping: max(1, self.heartbeat.components.seconds))
    }
}
