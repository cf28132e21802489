public import Postgres

/// Asks for the customer's accounts: all of them, those of a kind, or one.
///
/// In the order checking, savings, credit, loan, brokerage, and by id among equals.
public struct Accounts: LedgerQuestion {
    public let kind: AccountKind?
    public let id: String?

    public init(kind: AccountKind? = nil, id: String? = nil) {
        self.kind = kind
        self.id = id
    }

    public func statement(at moment: LedgerMoment) -> PostgresQuery {
        """
        SELECT account_id, kind, name, last_digits, currency, balance, available, credit_limit, as_of
        FROM \(moment.accounts) AS a WHERE \(AccountScope(kind: self.kind, id: self.id).condition)
        ORDER BY array_position(ARRAY['checking', 'savings', 'credit', 'loan', 'brokerage'], kind::text), account_id
        """
    }

    public func decode(_ rows: [PostgresRow]) throws -> [Account] {
        try rows.map { row in
            Account(
                id: try row.decode("account_id"), kind: try row.decode("kind"), name: try row.decode("name"),
                maskedNumber: try row.decode("last_digits"), balance: try row.money("balance"),
                available: try row.moneyIfPresent("available"), creditLimit: try row.moneyIfPresent("credit_limit"),
                asOf: try row.decode("as_of"))
        }
    }
}

/// Which of the customer's accounts are meant.
struct AccountScope: Sendable {
    let kind: AccountKind?
    let id: String?

    /// Over the accounts AS a.
    var condition: PostgresQuery {
        var condition: PostgresQuery = "true"
        if let id { condition = "\(condition) AND a.account_id = \(id)" }
        if let kind { condition = "\(condition) AND a.kind = \(kind)" }
        return condition
    }
}
