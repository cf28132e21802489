/// Why PostgreSQL did not do what was asked.
///
/// It carries no row, no bound value and no password: of what a server reports only the SQLSTATE, the names of a
/// constraint, table and column, and such messages as cannot quote a value are kept.
public struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong.
    ///
    /// More codes may come: have a default where you switch over it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Name: String {
            case server, connectionFailed, connectionLost, unavailable, deadline, cancelled, closed
            case commitAmbiguous, transactionAborted, stalePlan
            case configuration, encoding, decoding, migration, unsupported
        }

        private let name: Name

        /// The server refused a statement: ``PostgresError/sqlState`` says why.
        public static let server = Self(name: .server)
        /// No connection could be made.
        public static let connectionFailed = Self(name: .connectionFailed)
        /// The connection went away while a statement was under way, which may have run or not.
        public static let connectionLost = Self(name: .connectionLost)
        /// There was no connection until the caller's deadline.
        public static let unavailable = Self(name: .unavailable)
        /// The caller's deadline passed before the answer came.
        ///
        /// The statement may have run or not.
        public static let deadline = Self(name: .deadline)
        /// The task was cancelled, and the statement did not run or was rolled back.
        public static let cancelled = Self(name: .cancelled)
        /// The client is shut down or not running.
        public static let closed = Self(name: .closed)
        /// The connection went away after COMMIT was sent: read back whether the transaction happened.
        public static let commitAmbiguous = Self(name: .commitAmbiguous)
        /// COMMIT found the transaction already failed and rolled it back.
        public static let transactionAborted = Self(name: .transactionAborted)
        /// A prepared statement no longer fits the database: the same call prepares it anew.
        public static let stalePlan = Self(name: .stalePlan)
        /// The configuration cannot be used.
        public static let configuration = Self(name: .configuration)
        /// A value cannot be bound.
        public static let encoding = Self(name: .encoding)
        /// A column cannot be read as the type that was asked for.
        public static let decoding = Self(name: .decoding)
        /// The database's migrations and the program's do not fit together.
        public static let migration = Self(name: .migration)
        /// The client cannot do this, for instance COPY.
        public static let unsupported = Self(name: .unsupported)

        public var description: String { self.name.rawValue }
    }

    /// What a caller should do about it.
    public enum Kind: Sendable, Hashable, CaseIterable {
        /// The database is away, exhausted or read-only: wait, nothing is wrong with the call.
        case infrastructure
        /// A concurrent transaction was in the way: the same transaction can be tried again at once.
        case conflict
        /// A lock, a statement or the caller's own deadline took too long.
        case timeout
        /// The statement or its values are at fault: the same call fails again.
        case message
        /// The role may not do this, or may not log in.
        case denied
        /// Anything else.
        case unknown
    }

    public let code: Code

    /// The five characters of the SQLSTATE (PostgreSQL's manual, appendix A), when a server sent one.
    public let sqlState: String?

    /// What happened, without any value.
    public let message: String

    /// The name of the violated constraint.
    public let constraint: String?

    public init(code: Code, sqlState: String? = nil, message: String, constraint: String? = nil) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
        self.constraint = constraint
    }

    /// Whether the same call may succeed later.
    ///
    /// An ambiguous commit is not transient: first read back what happened.
    public var isTransient: Bool {
        guard self.code != .commitAmbiguous else { return false }
        switch self.kind {
        case .infrastructure, .conflict, .timeout: return true
        case .message, .denied, .unknown: return false
        }
    }

    public var kind: Kind {
        switch self.code {
        case .connectionLost, .unavailable, .closed, .commitAmbiguous: .infrastructure
        case .connectionFailed: self.sqlState.map(Kind.init(sqlState:)) ?? .infrastructure
        case .server: self.sqlState.map(Kind.init(sqlState:)) ?? .unknown
        case .deadline: .timeout
        case .stalePlan: .conflict
        case .encoding, .decoding, .unsupported: .message
        default: .unknown
        }
    }

    public var description: String {
        "\(self.code)\(self.sqlState.map { " \($0)" } ?? ""): \(self.message)"
    }
}
