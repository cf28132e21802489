public import Postgres

/// Something that may be asked about the customer who is logged in: one statement, and how its rows read.
///
/// The statement names no customer: row security leaves only that customer's rows to read.
public protocol LedgerQuestion: Sendable {
    associatedtype Answer: Sendable

    func statement(at moment: LedgerMoment) -> PostgresQuery

    /// Throws ``LedgerError`` or `PostgresError`, neither with a row's values.
    func decode(_ rows: [PostgresRow]) throws -> Answer
}
