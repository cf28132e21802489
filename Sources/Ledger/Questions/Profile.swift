public import Postgres

/// Asks who the customer is.
public struct Profile: LedgerQuestion {
    /// How to address a customer, and what "today" means there.
    public struct Answer: Sendable, Hashable {
        public let name: String
        /// BCP 47, such as `zh-CN`.
        public let locale: String
        /// An IANA time zone, such as `Asia/Shanghai`.
        public let timeZone: String
    }

    public init() {}

    public func statement(at moment: LedgerMoment) -> PostgresQuery { "SELECT name, locale, time_zone FROM ledger.customers" }

    public func decode(_ rows: [PostgresRow]) throws -> Answer {
        guard let row = rows.first else {
            throw LedgerError(.noSuchCustomer, "the ledger has no such customer: check what the token's subject names")
        }
        return Answer(
            name: try row.decode("name"), locale: try row.decode("locale"), timeZone: try row.decode("time_zone"))
    }
}
