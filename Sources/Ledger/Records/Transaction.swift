public import Finance
public import Foundation

/// A posted movement on an account.
public struct Transaction: Sendable, Hashable {
    public let id: String
    public let accountID: String
    public let postedAt: Date
    /// Below zero when money left the account.
    public let amount: Money
    public let merchant: String?
    /// The text on the statement.
    public let description: String
    public let category: TransactionCategory?

    /// The row, as an answer cites it.
    public var reference: String { "ledger.transactions/\(self.id)" }

    public init(
        id: String, accountID: String, postedAt: Date, amount: Money, merchant: String? = nil, description: String,
        category: TransactionCategory? = nil
    ) {
        self.id = id
        self.accountID = accountID
        self.postedAt = postedAt
        self.amount = amount
        self.merchant = merchant
        self.description = description
        self.category = category
    }
}
