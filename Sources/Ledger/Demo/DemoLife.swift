import Finance
import Foundation

/// Lives one demonstration customer's months, from the first to an anchor instant, and writes down the ledger's rows.
struct DemoLife {
    /// Something that will happen at an instant; what it costs may depend on the balances by then.
    private struct Event {
        enum Kind {
            case post(DemoEntry)
            case move(from: AccountKind, to: AccountKind, cents: Int, out: String, into: String)
            case payCard
            case closeMonth
            case loanInstalment
        }

        let instant: Date
        let kind: Kind
    }

    private let customer: DemoCustomer
    private let wording: DemoWording
    private let calendar: Calendar
    private let anchor: Date
    private var generator: SeededGenerator
    private var balances: [AccountKind: Int]
    /// What was owed on the card at the end of the last month.
    private var cardStatement = 0
    private var entries: [(instant: Date, entry: DemoEntry, balance: Int)] = []

    /// - Parameter months: How many whole months before the anchor's month to begin.
    init(_ customer: DemoCustomer, months: Int, anchor: Date, seed: UInt64) {
        self.customer = customer
        self.wording = customer.isChinese ? .chinese : .english
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: customer.timeZone) ?? .gmt
        self.calendar = calendar
        self.anchor = anchor
        self.generator = SeededGenerator(seed: seed ^ UInt64(customer.number) &* 0x2545_F491_4F6C_DD1D)
        self.balances = Dictionary(uniqueKeysWithValues: customer.holdings.map { ($0.kind, $0.openingCents) })
        self.live(months: months)
    }
}

/// One row to write: an account, an amount and its words.
struct DemoEntry {
    let account: AccountKind
    let cents: Int
    let merchant: String?
    let description: String
    let category: TransactionCategory
}

extension DemoLife {
    private mutating func live(months: Int) {
        let today = self.calendar.dateComponents([.year, .month], from: self.anchor)
        let thisMonth = (today.year ?? 2000) * 12 + (today.month ?? 1) - 1
        for month in (thisMonth - months)...thisMonth {
            let events = self.plan(year: month / 12, month: month % 12 + 1).enumerated()
            // Ties keep the order of planning, so that the rows depend on nothing but the seed.
            for event in events.sorted(by: { ($0.element.instant, $0.offset) < ($1.element.instant, $1.offset) }) {
                guard event.element.instant <= self.anchor else { break }
                self.happen(event.element)
            }
        }
    }

    private func has(_ kind: AccountKind) -> Bool { self.balances[kind] != nil }

    private func holding(_ kind: AccountKind) -> DemoCustomer.Holding? {
        self.customer.holdings.first { $0.kind == kind }
    }

    private mutating func plan(year: Int, month: Int) -> [Event] {
        var events: [Event] = []
        func at(_ day: Int, _ hour: Int, _ minute: Int = 0, _ second: Int = 0) -> Date {
            let components = DateComponents(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second)
            return self.calendar.date(from: components) ?? self.anchor
        }
        func plan(_ instant: Date, _ kind: Event.Kind) { events.append(Event(instant: instant, kind: kind)) }
        func post(
            _ instant: Date, _ cents: Int, _ merchant: String?, _ description: String, _ category: TransactionCategory
        ) {
            plan(
                instant,
                .post(
                    DemoEntry(
                        account: .checking, cents: cents, merchant: merchant, description: description,
                        category: category)))
        }

        let (customer, wording) = (self.customer, self.wording)
        for payday in customer.paydays {
            post(at(payday.day, 8, 30), payday.cents, customer.employer, wording.salary, .income)
        }
        if let rent = customer.rentCents {
            post(at(1, 9), -rent, wording.rent.merchant, wording.rent.description, .rent)
        }
        if let fee = customer.monthlyFeeCents { post(at(28, 6), -fee, nil, wording.accountFee, .fees) }
        if customer.savedCents > 0 {
            plan(
                at(16, 7),
                .move(
                    from: .checking, to: .savings, cents: customer.savedCents, out: wording.toSavings,
                    into: wording.fromChecking))
        }
        if customer.investedCents > 0 {
            plan(
                at(17, 7),
                .move(
                    from: .checking, to: .brokerage, cents: customer.investedCents, out: wording.toBrokerage,
                    into: wording.fromChecking))
        }
        if self.has(.loan) { plan(at(8, 5), .loanInstalment) }
        if self.has(.credit) { plan(at(20, 5), .payCard) }

        for habit in customer.habits {
            let account = self.has(habit.account) ? habit.account : .checking
            func spend(day: Int) {
                let hour = self.generator.next(in: 7...21)
                let instant = at(day, hour, self.generator.next(in: 0...59), self.generator.next(in: 0...59))
                let steps = habit.cents.lowerBound / habit.step...habit.cents.upperBound / habit.step
                plan(
                    instant,
                    .post(
                        DemoEntry(
                            account: account, cents: -self.generator.next(in: steps) * habit.step,
                            merchant: habit.merchant,
                            description: habit.description, category: habit.category)))
            }
            switch habit.rhythm {
            case .on(let day): spend(day: day)
            case .times(let range):
                for _ in 0..<self.generator.next(in: range) { spend(day: self.generator.next(in: 1...28)) }
            }
        }
        let lastDay = self.calendar.range(of: .day, in: .month, for: at(1, 12))?.count ?? 28
        plan(at(lastDay, 23, 30), .closeMonth)
        return events
    }

    private mutating func happen(_ event: Event) {
        switch event.kind {
        case .post(let entry): self.write(entry, at: event.instant)
        case .move(let source, let target, let cents, let out, let into):
            self.transfer(cents, from: source, to: target, out: out, into: into, at: event.instant)
        case .payCard:
            let due = self.cardStatement * self.customer.cardPaymentPercent / 100
            self.transfer(
                due, from: .checking, to: .credit, out: self.wording.cardPayment, into: self.wording.cardPayment,
                at: event.instant)
        case .loanInstalment:
            self.addInterest(to: .loan, at: event.instant)
            self.transfer(
                self.customer.loanPaymentCents, from: .checking, to: .loan, out: self.wording.loanPayment,
                into: self.wording.loanPayment, at: event.instant)
        case .closeMonth:
            self.addInterest(to: .savings, at: event.instant)
            if self.customer.cardPaymentPercent < 100 { self.addInterest(to: .credit, at: event.instant) }
            self.cardStatement = max(0, -(self.balances[.credit] ?? 0))
        }
    }

    private mutating func write(_ entry: DemoEntry, at instant: Date) {
        guard entry.cents != 0, let balance = self.balances[entry.account] else { return }
        self.balances[entry.account] = balance + entry.cents
        self.entries.append((instant, entry, balance + entry.cents))
    }

    private mutating func transfer(
        _ cents: Int, from source: AccountKind, to target: AccountKind, out: String, into: String, at instant: Date
    ) {
        for (account, cents, text) in [(source, -cents, out), (target, cents, into)] {
            self.write(
                DemoEntry(account: account, cents: cents, merchant: nil, description: text, category: .transfer),
                at: instant)
        }
    }

    /// A month's interest on the balance, rounded to the cent, halves away from zero; owed where the balance is.
    private mutating func addInterest(to kind: AccountKind, at instant: Date) {
        guard let rate = self.holding(kind)?.rate, let balance = self.balances[kind] else { return }
        let numerator = balance * rate
        let cents = (numerator.magnitude + 60_000) / 120_000
        self.write(
            DemoEntry(
                account: kind, cents: numerator < 0 ? -Int(cents) : Int(cents), merchant: nil,
                description: balance < 0 ? self.wording.interestCharged : self.wording.interestEarned,
                category: .interest),
            at: instant)
    }
}

extension DemoLife {
    /// Adds what was lived to the rows.
    func write(to rows: inout DemoRows) {
        let customer = self.customer
        rows.customers.append(
            DemoRows.Customer(
                customerId: customer.id, name: customer.name, locale: customer.locale, timeZone: customer.timeZone,
                createdAt: Date(timeIntervalSince1970: 1_615_766_400)))
        var accountIDs: [AccountKind: (id: String, currency: Currency)] = [:]
        for (index, holding) in customer.holdings.enumerated() {
            let id = "A-\(customer.number)-\(index + 1)"
            accountIDs[holding.kind] = (id, holding.currency)
            let balance = self.balances[holding.kind] ?? holding.openingCents
            rows.accounts.append(
                DemoRows.Account(
                    accountId: id, customerId: customer.id, kind: holding.kind.rawValue, name: holding.name,
                    lastDigits: holding.lastDigits, currency: holding.currency.code, balance: plain(balance),
                    available: holding.kind == .loan ? nil : plain(balance + (holding.creditLimitCents ?? 0)),
                    creditLimit: holding.creditLimitCents.map(plain), openedOn: "2021-03-15", asOf: self.anchor))
        }
        for (index, lived) in self.entries.enumerated() {
            guard let account = accountIDs[lived.entry.account] else { continue }
            let number = String(index + 1)
            rows.transactions.append(
                DemoRows.Transaction(
                    transactionId: "T-\(customer.number)-" + String(repeating: "0", count: max(0, 6 - number.count))
                        + number,
                    customerId: customer.id, accountId: account.id, postedAt: lived.instant,
                    amount: plain(lived.entry.cents),
                    currency: account.currency.code, balanceAfter: plain(lived.balance), merchant: lived.entry.merchant,
                    description: lived.entry.description, category: lived.entry.category.rawValue))
        }
    }
}

private func plain(_ cents: Int) -> String {
    (Decimal(cents) / 100).digits(minimumPlaces: 2)
}
