public import Foundation
import Postgres

/// Which transactions are meant; what is left out does not restrict.
public struct TransactionFilter: Sendable, Hashable {
    /// Which way the money went.
    public enum Direction: Sendable, Hashable {
        /// Out of the account.
        case debit
        /// Into the account.
        case credit
    }

    public var accountID: String?
    public var accountKind: AccountKind?
    /// Found in the merchant's name or the statement's text, whatever the case, the spaces and the punctuation.
    ///
    /// So `netflix` finds `NETFLIX.COM`. A name of punctuation only finds nothing.
    public var merchant: String?
    public var category: TransactionCategory?
    /// Found as a merchant is.
    public var text: String?
    /// The smallest size, either way and inclusive.
    public var minimum: Decimal?
    /// The largest size, either way and inclusive.
    public var maximum: Decimal?
    /// From the start to just before the end.
    public var period: DateInterval?
    public var direction: Direction?

    public init(
        accountID: String? = nil, accountKind: AccountKind? = nil, merchant: String? = nil,
        category: TransactionCategory? = nil, text: String? = nil, minimum: Decimal? = nil, maximum: Decimal? = nil,
        period: DateInterval? = nil, direction: Direction? = nil
    ) {
        self.accountID = accountID
        self.accountKind = accountKind
        self.merchant = merchant
        self.category = category
        self.text = text
        self.minimum = minimum
        self.maximum = maximum
        self.period = period
        self.direction = direction
    }
}

extension TransactionFilter {
    var accounts: AccountScope { AccountScope(kind: self.accountKind, id: self.accountID) }

    /// Over the transactions AS t.
    var condition: PostgresQuery {
        var condition: PostgresQuery = "true"
        func require(_ clause: PostgresQuery) { condition = "\(condition) AND \(clause)" }

        if let period { require("t.posted_at >= \(period.start) AND t.posted_at < \(period.end)") }
        if let accountID { require("t.account_id = \(accountID)") }
        if let accountKind {
            require("t.account_id IN (SELECT a.account_id FROM ledger.accounts AS a WHERE a.kind = \(accountKind))")
        }
        if let category { require("t.category = \(category)") }
        for phrase in [self.merchant, self.text].compactMap({ $0 }) {
            require("strpos(t.search_key, nullif((SELECT ledger.search_key(\(phrase))), '')) > 0")
        }
        if let minimum { require("abs(t.amount) >= \(minimum)") }
        if let maximum { require("abs(t.amount) <= \(maximum)") }
        switch self.direction {
        case .debit: require("t.amount < 0")
        case .credit: require("t.amount > 0")
        case nil: break
        }
        return condition
    }
}
