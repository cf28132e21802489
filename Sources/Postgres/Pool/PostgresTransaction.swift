/// A transaction under way, for the body of ``PostgresClient/withTransaction(isolation:readOnly:_:)``.
///
/// After the first error the transaction is lost: its other statements fail, and it is rolled back.
public struct PostgresTransaction: Sendable {
    let lease: PostgresLease

    /// Runs one statement.
    @discardableResult
    public func query(_ query: PostgresQuery) async throws(PostgresError) -> [PostgresRow] {
        try await self.lease.send(PostgresBatch(statements: [query]))[0]
    }

    /// Runs several statements in one round trip.
    ///
    /// After the first error the rest is not tried.
    @discardableResult
    public func pipeline(_ queries: [PostgresQuery]) async throws(PostgresError) -> [[PostgresRow]] {
        try await self.lease.send(PostgresBatch(statements: queries))
    }
}
