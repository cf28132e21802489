/// One step of a database's schema: a script that runs once.
public struct PostgresMigration: Sendable, Hashable {
    /// Names sort in the order in which the migrations run: `0001_requests`.
    public let name: String
    /// One or more statements.
    ///
    /// They run in one transaction, so that they cannot include their own COMMIT, nor what PostgreSQL does not allow in
    /// a transaction.
    public let sql: String

    public init(name: String, sql: String) {
        self.name = name
        self.sql = sql
    }
}
