public import Finance
public import Foundation
public import Postgres

/// What an account is for.
public enum AccountKind: String, Sendable, CaseIterable, PostgresEncodable, PostgresDecodable {
    case checking
    case savings
    case credit
    case loan
    case brokerage
}

/// An account as it stood at an instant.
public struct Account: Sendable, Hashable {
    public let id: String
    public let kind: AccountKind
    public let name: String
    /// The last four digits of the account's or card's number; the full number is not in the ledger.
    public let maskedNumber: String
    /// Below zero it is owed: by card or loan.
    public let balance: Money
    /// What can be spent now, where the bank's core system says so.
    public let available: Money?
    /// Of a credit account only.
    public let creditLimit: Money?
    public let asOf: Date

    /// The row, as an answer cites it.
    public var reference: String { "ledger.accounts/\(self.id)" }

    public init(
        id: String, kind: AccountKind, name: String, maskedNumber: String, balance: Money, available: Money? = nil,
        creditLimit: Money? = nil, asOf: Date
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.maskedNumber = maskedNumber
        self.balance = balance
        self.available = available
        self.creditLimit = creditLimit
        self.asOf = asOf
    }
}
