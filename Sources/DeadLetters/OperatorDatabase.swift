public import Postgres

/// The database as an operator may use it: every transaction runs as `teller_operator`, who sees no customer's words, and says in
/// the audit chain who sat at the tool.
public struct OperatorDatabase: Sendable {
    public let postgres: PostgresClient
    private let person: String

    /// - Parameter person: Who uses the tool, such as `ann@host`. The login itself is recorded by the server beside it.
    public init(postgres: PostgresClient, person: String) {
        self.postgres = postgres
        self.person = person
    }

    /// What makes a transaction an operator's; its first statements.
    public var prologue: [PostgresQuery] {
        ["SELECT set_config('teller.operator', \(self.person), true)", "SET LOCAL ROLE teller_operator"]
    }

    /// Runs one statement in a transaction of its own.
    public func query(_ query: PostgresQuery) async throws(PostgresError) -> [PostgresRow] {
        try await self.transaction([query])[0]
    }

    /// Runs statements in one transaction and returns the rows of each.
    public func transaction(_ queries: [PostgresQuery]) async throws(PostgresError) -> [[PostgresRow]] {
        let prologue = self.prologue
        return Array(try await self.postgres.transaction(prologue + queries).dropFirst(prologue.count))
    }
}
