public import Postgres

/// Asks for transactions, the latest first.
public struct Transactions: LedgerQuestion {
    public let filter: TransactionFilter
    /// How many at most.
    public let limit: Int

    public init(_ filter: TransactionFilter, limit: Int) {
        self.filter = filter
        self.limit = limit
    }

    public func statement(at moment: LedgerMoment) -> PostgresQuery {
        """
        SELECT t.transaction_id, t.account_id, t.posted_at, t.amount, t.currency, t.merchant, t.description, t.category
        FROM \(moment.transactions) AS t WHERE \(self.filter.condition)
        ORDER BY t.posted_at DESC, t.transaction_id DESC LIMIT \(self.limit)
        """
    }

    public func decode(_ rows: [PostgresRow]) throws -> [Transaction] {
        try rows.map { row in
            Transaction(
                id: try row.decode("transaction_id"), accountID: try row.decode("account_id"),
                postedAt: try row.decode("posted_at"), amount: try row.money("amount"),
                merchant: try row.decode("merchant"),
                description: try row.decode("description"), category: try row.decode("category"))
        }
    }
}
