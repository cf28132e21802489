public import Postgres

/// What a transaction was for.
public enum TransactionCategory: String, Sendable, CaseIterable, PostgresEncodable, PostgresDecodable {
    case groceries
    case dining
    case transport
    case shopping
    case entertainment
    case travel
    case utilities
    case health
    case rent
    case education
    case income
    /// Between the customer's own accounts, or to and from other people: neither spending nor income.
    case transfer
    case fees
    case interest
    case cash
    case other
}
