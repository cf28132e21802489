/// Where the database is, how to log in, and how long anything may take.
///
/// The time limits nest: a lock, then a statement, then the caller's deadline. None of them is off by default, because a
/// server without them lets a session hang for ever.
public struct PostgresConfiguration: Sendable, CustomStringConvertible, CustomReflectable {
    /// The most connections.
    public var poolSize = 4
    /// How long connecting to one host may take, with the name lookup, TLS and the login.
    public var connectTimeout: Duration = .seconds(5)
    /// How long a statement may run (`statement_timeout`).
    public var statementTimeout: Duration = .seconds(5)
    /// How long a statement may wait for a lock (`lock_timeout`).
    public var lockTimeout: Duration = .seconds(2)
    /// How long a transaction may stay open with nothing to do (`idle_in_transaction_session_timeout`).
    public var idleInTransactionTimeout: Duration = .seconds(10)
    /// How long a call may take as the caller sees it, waiting for a connection included.
    ///
    /// The only limit that also notices a network that has gone silent.
    public var queryDeadline: Duration = .seconds(8)
    /// Whether the sessions can change nothing: each transaction is READ ONLY (`default_transaction_read_only`).
    public var isReadOnly = false
    /// What the server lists the sessions as (`application_name`).
    public var applicationName = "teller"

    /// The connection parameters of the URL, by libpq's keywords.
    let parameters: [String: String]

    /// - Parameter url: `postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=ca.pem`, with all that
    ///   libpq's connection URIs allow (PostgreSQL's manual, "Connection URIs"): several hosts, `target_session_attrs`.
    public init(url: String) throws(PostgresError) {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw PostgresError(
                code: .configuration, message: "the URL of the database must start with postgres:// or postgresql://")
        }
        guard let parameters = PostgresHandle.parameters(ofURL: url) else {
            // libpq's own words quote the part that it did not understand, which can be the password.
            throw PostgresError(
                code: .configuration,
                message: """
                    the URL of the database cannot be read: it takes postgres://user:password@host:port/database?key=value, \
                    with special characters in percent encoding and libpq's keywords only
                    """)
        }
        guard parameters["host"]?.contains("@") != true else {
            // A part of the password would be taken for a host, and shown as one.
            throw PostgresError(
                code: .configuration,
                message: "the URL of the database has an @ too many: one in the user's name or password is written %40")
        }
        self.parameters = parameters
    }

    /// The user, the hosts and the database, without the password.
    public var description: String {
        let user = self.parameters["user"].map { "\($0)@" } ?? ""
        let hosts = self.endpoints.map(\.description).joined(separator: ",")
        return "postgres://\(user)\(hosts)/\(self.parameters["dbname"] ?? "")"
    }

    public var customMirror: Mirror { Mirror(self, children: ["url": self.description, "poolSize": self.poolSize]) }
}
