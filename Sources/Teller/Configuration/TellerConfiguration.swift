public import AMQP
public import Logging
public import Postgres
public import Transformer

/// Everything a worker is told from outside.
public struct TellerConfiguration: Sendable {
    /// How a worker learns who is asking.
    public enum Authentication: String, Sendable, CaseIterable {
        /// A signed token in the header `authorization`, checked against a set of public keys.
        case jwt
        /// The broker's own access control: whoever may publish requests is believed about the customer.
        case broker
    }

    public var amqp: AMQPConfiguration
    public var postgres: PostgresConfiguration
    public var model: ModelSettings
    public var queues: [String]
    /// How many requests a worker holds at once.
    public var prefetch: Int
    public var authentication: Authentication
    public var jwksFile: String?
    public var jwtAudience: String
    public var jwtIssuer: String?
    /// With `broker`: the logins (the property `user_id`, which the broker verifies) that may ask; empty for all.
    public var trustedUsers: [String]
    public var ticketKeyFile: String
    /// Patterns of queue names that answers may be sent to; `*` stands for any characters.
    public var replyToAllow: [String]
    public var httpHost: String
    public var httpPort: Int
    /// How long a worker that was told to stop goes on with what it holds.
    public var drainSeconds: Int
    public var logLevel: Logger.Level

    public struct ModelSettings: Sendable {
        /// A checkpoint's directory or .gguf file; the embedded model when there is none.
        public var path: String?
        public var weights: WeightFormat
        public var threads: Int
        /// The most sequences that are computed at the same time.
        public var batch: Int
        /// Bytes for keys and values; nil for the engine's own choice.
        public var keyValueMemory: Int?

        /// Reads the keys of the model alone: `model`, `weights`, `threads`, `batch` and `kv.memory`.
        public init(reading source: SettingsSource) throws(ConfigurationError) {
            self.path = source.text("model")
            self.weights =
                try source.choice("weights", of: WeightFormat.allCases.map(\.rawValue)).flatMap(WeightFormat.init(rawValue:)) ?? .q8
            self.threads = try source.integer("threads", default: min(8, SettingsSource.processorCount), in: 1...256)
            self.batch = try source.integer("batch", default: 32, in: 1...256)
            self.keyValueMemory =
                try source.text("kv.memory") == nil ? nil : source.integer("kv.memory", default: 0, in: 1...1 << 24) << 20
        }
    }

    /// ## Configuration keys
    ///
    /// Each is read from the environment as `TELLER_` and its name in capitals, or from the file that `--config` names.
    /// A secret may be given as a file instead: `TELLER_AMQP_URL_FILE`.
    ///
    /// - `amqp.url` (secret, required): `amqp://` or `amqps://` URL of the broker; several hosts by commas.
    /// - `postgres.url` (secret, required): `postgres://` URL of the database, as a member of `teller_worker`.
    /// - `model` (default: the embedded model), `weights` (default: `q8`), `threads` (default: the cores, at most 8)
    /// - `batch` (default: 32, 1-256), `kv.memory` in MiB (default: a quarter of the machine's, at most 2048)
    /// - `queues` (default: `teller.requests.banking,teller.requests.trading`), `prefetch` (default: 16, 1-1000)
    /// - `auth` (default: `jwt`), `jwks.file` (required with `jwt`), `jwt.audience` (default: `teller`), `jwt.issuer`
    /// - `trusted.users` (with `broker`; default: all)
    /// - `ticket.key.file` (required): the key that signs the database's tickets
    /// - `reply.to.allow` (default: `teller.replies.*`)
    /// - `http.host` (default: `127.0.0.1`), `http.port` (default: 8080; 0 picks a free one)
    /// - `drain.seconds` (default: 25, 1-3600), `log.level` (default: `info`)
    public init(reading source: SettingsSource) throws(ConfigurationError) {
        self.amqp = try source.amqp()
        self.postgres = try source.postgres()
        self.model = try ModelSettings(reading: source)
        self.queues = source.list("queues") ?? ["teller.requests.banking", "teller.requests.trading"]
        self.prefetch = try source.integer("prefetch", default: 16, in: 1...1000)
        let authentication = try source.choice("auth", of: Authentication.allCases.map(\.rawValue)) ?? "jwt"
        self.authentication = Authentication(rawValue: authentication) ?? .jwt
        self.jwksFile = source.text("jwks.file")
        if self.authentication == .jwt, self.jwksFile == nil {
            throw ConfigurationError("jwks.file", got: nil, takes: "the path of a JWKS file (or TELLER_AUTH=broker)")
        }
        self.jwtAudience = source.text("jwt.audience") ?? "teller"
        self.jwtIssuer = source.text("jwt.issuer")
        self.trustedUsers = source.list("trusted.users") ?? []
        self.ticketKeyFile = try source.ticketKeyFile()
        self.replyToAllow = source.list("reply.to.allow") ?? ["teller.replies.*"]
        self.httpHost = source.text("http.host") ?? "127.0.0.1"
        self.httpPort = try source.integer("http.port", default: 8080, in: 0...65_535)
        self.drainSeconds = try source.integer("drain.seconds", default: 25, in: 1...3600)
        let level = try source.choice("log.level", of: Logger.Level.allCases.map(\.rawValue)) ?? "info"
        self.logLevel = Logger.Level(rawValue: level) ?? .info
    }
}
