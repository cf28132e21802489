public import Finance
public import Foundation
public import Postgres

/// Asks how many transactions there are and what they add up to, by currency.
///
/// Only currencies that occur are answered; when nothing matches, each currency of the accounts in question, with zero.
public struct TransactionTotals: LedgerQuestion {
    /// Transactions in one currency.
    public struct Total: Sendable, Hashable {
        public let count: Int
        /// Below zero when more money left than came.
        public let sum: Money
        /// The ids of the latest transactions added up, at most ``TransactionTotals/citedRows``.
        public let transactionIDs: [String]
        /// The instant at which the accounts stood like this.
        public let asOf: Date

        /// The rows, as an answer cites them.
        public var references: [String] { self.transactionIDs.map { "ledger.transactions/\($0)" } }

        public init(count: Int, sum: Money, transactionIDs: [String] = [], asOf: Date) {
            self.count = count
            self.sum = sum
            self.transactionIDs = transactionIDs
            self.asOf = asOf
        }
    }

    public static let citedRows = 20

    public let filter: TransactionFilter

    public init(_ filter: TransactionFilter) {
        self.filter = filter
    }

    public func statement(at moment: LedgerMoment) -> PostgresQuery {
        """
        SELECT scope.currency, scope.as_of, coalesce(found.count, 0) AS count, coalesce(found.sum, 0) AS sum,
            coalesce(found.ids, '{}') AS ids
        FROM (
            SELECT a.currency::text, max(a.as_of) AS as_of FROM \(moment.accounts) AS a
            WHERE \(self.filter.accounts.condition) GROUP BY a.currency
        ) AS scope
        LEFT JOIN (
            SELECT t.currency::text, count(*), sum(t.amount),
                (array_agg(t.transaction_id::text ORDER BY t.posted_at DESC, t.transaction_id DESC))
                    [1:\(unescaped: "\(Self.citedRows)")] AS ids
            FROM \(moment.transactions) AS t WHERE \(self.filter.condition) GROUP BY t.currency
        ) AS found USING (currency)
        ORDER BY count DESC, scope.currency
        """
    }

    public func decode(_ rows: [PostgresRow]) throws -> [Total] {
        let totals = try rows.map { row in
            Total(
                count: try row.decode("count"), sum: try row.money("sum"), transactionIDs: try row.decode("ids"),
                asOf: try row.decode("as_of"))
        }
        let occurring = totals.filter { $0.count > 0 }
        return occurring.isEmpty ? totals : occurring
    }
}
