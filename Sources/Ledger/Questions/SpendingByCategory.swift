public import Finance
public import Postgres

/// Asks what the customer spent on what, the most first within each currency.
///
/// Spending is what left the accounts, other than transfers (a card's monthly payment would count its purchases twice),
/// unless the filter names that category. What has no category counts as `other`.
public struct SpendingByCategory: LedgerQuestion {
    /// Spending in one category and currency.
    public struct Line: Sendable, Hashable {
        public let category: TransactionCategory
        public let count: Int
        /// Above zero.
        public let spent: Money

        public init(category: TransactionCategory, count: Int, spent: Money) {
            self.category = category
            self.count = count
            self.spent = spent
        }
    }

    public let filter: TransactionFilter

    /// - Parameter filter: Its direction is taken as debit.
    public init(_ filter: TransactionFilter) {
        var filter = filter
        filter.direction = .debit
        self.filter = filter
    }

    public func statement(at moment: LedgerMoment) -> PostgresQuery {
        let transfers: PostgresQuery = self.filter.category == nil ? "AND t.category IS DISTINCT FROM 'transfer'" : ""
        return """
            SELECT coalesce(t.category, 'other')::text AS category, t.currency, count(*), -sum(t.amount) AS spent
            FROM \(moment.transactions) AS t WHERE \(self.filter.condition) \(transfers)
            GROUP BY 1, t.currency ORDER BY t.currency, spent DESC, category
            """
    }

    public func decode(_ rows: [PostgresRow]) throws -> [Line] {
        try rows.map { row in
            Line(category: try row.decode("category"), count: try row.decode("count"), spent: try row.money("spent"))
        }
    }
}
