public import Postgres

/// Reads customers' data from the database, one customer and one snapshot at a time.
public struct LedgerStore: Sendable {
    private let client: PostgresClient
    private let moment: LedgerMoment

    public init(client: PostgresClient, at moment: LedgerMoment = .latest) {
        self.client = client
        self.moment = moment
    }

    /// The same ledger as it stood at another moment.
    public func at(_ moment: LedgerMoment) -> LedgerStore { LedgerStore(client: self.client, at: moment) }

    /// Answers questions about a customer, all from one snapshot and in one round trip.
    ///
    /// The ticket, the questions and the commit travel together, in a transaction that can only read.
    /// - Throws: `PostgresError` (of kind `denied` when the database does not accept the ticket), or ``LedgerError``.
    public func ask<each Question: LedgerQuestion>(
        _ question: repeat each Question, as customer: Customer
    ) async throws -> (repeat (each Question).Answer) {
        var statements = [customer.login]
        for question in repeat each question { statements.append(question.statement(at: self.moment)) }
        var results = try await self.client.transaction(statements, isolation: .repeatableRead, readOnly: true)
            .dropFirst()
        return try (repeat (each question).decode(results.removeFirst()))
    }

    /// Refuses a database role that row security does not bind: a superuser, one with BYPASSRLS, or the tables' owner.
    public func checkRole() async throws {
        let rows = try await self.client.query(
            """
            SELECT rolsuper OR rolbypassrls OR pg_has_role(oid, 'teller_owner', 'MEMBER') AS unbound
            FROM pg_roles WHERE rolname = current_user
            """)
        for row in rows where try row.decode("unbound") {
            throw LedgerError(
                .unboundRole,
                """
                the database role is not bound by row security: log in as a member of teller_worker, without SUPERUSER, \
                BYPASSRLS and teller_owner
                """
            )
        }
    }
}
