import Finance

/// One of the demonstration's customers: who they are, what they own, what comes in and goes out each month.
struct DemoCustomer: Sendable {
    struct Holding: Sendable {
        let kind: AccountKind
        let name: String
        let lastDigits: String
        let currency: Currency
        /// The balance before the first transaction, in cents; below zero it is owed.
        let openingCents: Int
        var creditLimitCents: Int?
        /// Yearly interest in hundredths of a per cent: earned on savings, owed on loans and unpaid card balances.
        var rate = 0
    }

    /// A share of the salary, on a day of the month.
    struct Payday: Sendable {
        let day: Int
        let cents: Int
    }

    /// The number in the ids: customer `C-1001`, accounts `A-1001-1`…, transactions `T-1001-000001`….
    let number: Int
    let name: String
    let locale: String
    let timeZone: String
    let employer: String
    let paydays: [Payday]
    /// Paid to the landlord on the first day of the month.
    var rentCents: Int?
    /// Moved to savings in the same currency each month.
    var savedCents = 0
    /// Moved to the brokerage account each month.
    var investedCents = 0
    /// Paid on the loan each month.
    var loanPaymentCents = 0
    /// How much of the previous month's card balance is paid, in per cent.
    var cardPaymentPercent = 100
    /// Charged for the main account each month.
    var monthlyFeeCents: Int?
    let holdings: [Holding]

    var id: String { "C-\(self.number)" }
    var isChinese: Bool { self.locale.hasPrefix("zh") }
    var habits: [DemoHabit] { self.isChinese ? DemoHabit.chinese : DemoHabit.american }
}

extension DemoCustomer.Holding {
    static func account(
        _ kind: AccountKind, _ name: String, _ lastDigits: String, _ currency: Currency, opening: Int, rate: Int = 0
    ) -> Self {
        Self(kind: kind, name: name, lastDigits: lastDigits, currency: currency, openingCents: opening, rate: rate)
    }

    static func card(_ name: String, _ lastDigits: String, _ currency: Currency, limit: Int, rate: Int = 0) -> Self {
        Self(
            kind: .credit, name: name, lastDigits: lastDigits, currency: currency, openingCents: 0,
            creditLimitCents: limit,
            rate: rate)
    }
}
