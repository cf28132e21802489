import Finance
import Foundation
import Ledger
import TellerMessages

@testable import Assistant

/// A customer's rows, and what the tools find in them.
enum Sample {
    static let now = Date(timeIntervalSince1970: 1_795_620_600)  // 2026-11-25T15:30:00Z
    static let timeZone = TimeZone.gmt

    /// An amount; zero, which no test expects, where the text is none.
    static func money(_ text: String, _ currency: Currency) -> Money { Money(Decimal(exactly: text) ?? 0, currency) }

    static func accounts(_ currency: Currency) -> [Account] {
        [
            Account(
                id: "a1", kind: .checking, name: currency == .cny ? "工资卡" : "Everyday Checking", maskedNumber: "4821",
                balance: money("3456.78", currency),
                available: money("3400.12", currency), asOf: now),
            Account(
                id: "a2", kind: .savings, name: currency == .cny ? "定期储蓄" : "High-Yield Savings", maskedNumber: "9035",
                balance: Money(21_000, currency), asOf: now),
            Account(
                id: "a3", kind: .credit, name: currency == .cny ? "白金信用卡" : "Rewards Card", maskedNumber: "1177",
                balance: money("-642.19", currency),
                available: money("4357.81", currency),
                creditLimit: Money(5000, currency), asOf: now),
        ]
    }

    static func transactions(_ currency: Currency) -> [Transaction] {
        [
            Transaction(
                id: "t9", accountID: "a3", postedAt: now - 3 * 86_400,
                amount: money("-15.49", currency),
                merchant: "Netflix", description: "NETFLIX.COM", category: .entertainment),
            Transaction(
                id: "t5", accountID: "a3", postedAt: now - 20 * 86_400,
                amount: money("-86.30", currency),
                merchant: "7-Eleven", description: "7-ELEVEN 33021", category: .groceries),
            Transaction(
                id: "t2", accountID: "a1", postedAt: now - 25 * 86_400,
                amount: money("4120.75", currency),
                merchant: nil, description: "PAYROLL ACME CORP", category: .income),
        ]
    }

    static func currency(_ language: Language) -> Currency { language == .chinese ? .cny : .usd }

    static func findings(_ call: ToolCall, _ language: Language, sheet: (ToolArguments) -> FactSheet) throws -> Findings
    {
        let call = try Toolbox.standard.validated(call)
        let arguments = ToolArguments(validated: call)
        return Findings(
            plan: Plan(call: call, madeBy: .request), sheet: sheet(arguments),
            tool: try Toolbox.standard.tool(named: call.tool),
            arguments: arguments, language: language)
    }

    static func balance(_ language: Language, of kind: AccountKind? = nil, in currency: Currency? = nil) throws
        -> Findings
    {
        let call = ToolCall(tool: "account.balance", arguments: kind.map { ["account": .string($0.rawValue)] } ?? [:])
        return try self.findings(call, language) { _ in
            AccountBalance.sheet(
                of: self.accounts(currency ?? self.currency(language)).filter { kind == nil || $0.kind == kind },
                phrasebook: Phrasebook(language: language), now: now, timeZone: timeZone)
        }
    }

    static func list(_ language: Language) throws -> Findings {
        try self.findings(ToolCall(tool: "accounts.list"), language) { _ in
            AccountsList.sheet(
                of: self.accounts(self.currency(language)), phrasebook: Phrasebook(language: language), now: now,
                timeZone: timeZone)
        }
    }

    static func search(
        _ language: Language, _ arguments: JSONObject = [:], rows: [Transaction]? = nil, count: Int? = nil
    ) throws -> Findings {
        let rows = rows ?? self.transactions(self.currency(language))
        return try self.findings(ToolCall(tool: "transactions.search", arguments: arguments), language) { arguments in
            let sum = rows.reduce(Decimal(0)) { $0 + $1.amount.amount }
            let total = TransactionTotals.Total(
                count: count ?? rows.count, sum: Money(sum, self.currency(language)), transactionIDs: rows.map(\.id),
                asOf: now)
            return TransactionsSearch.sheet(
                of: rows, totals: [total], filter: TransactionFilter(merchant: arguments["merchant"]),
                arguments: arguments,
                span: arguments.period.map { DaySpan($0, now: now, timeZone: timeZone) },
                phrasebook: Phrasebook(language: language),
                timeZone: timeZone, now: now)
        }
    }

    static func spending(_ language: Language, _ arguments: JSONObject, count: Int = 4, sum: String = "-246.40") throws
        -> Findings
    {
        try self.findings(ToolCall(tool: "spending.summary", arguments: arguments), language) { arguments in
            let scribe = FactScribe(phrasebook: Phrasebook(language: language), asOf: now)
            let arguments = arguments.assuming(period: SpendingSummary.usualPeriod)
            let span = DaySpan(arguments.period ?? .today, now: now, timeZone: timeZone)
            let total = TransactionTotals.Total(
                count: count, sum: money(sum, self.currency(language)), transactionIDs: ["t1"],
                asOf: now)
            return SpendingSummary.sheet(
                of: [total], filter: TransactionFilter(direction: .debit),
                scope: scribe.scope(arguments, span: span, timeZone: timeZone), scribe: scribe)
        }
    }

    static func breakdown(_ language: Language, _ amounts: [(TransactionCategory, String)]) throws -> Findings {
        try self.findings(ToolCall(tool: "spending.summary", arguments: ["period": "last_month"]), language) {
            arguments in
            let scribe = FactScribe(phrasebook: Phrasebook(language: language), asOf: now)
            let currency = self.currency(language)
            return SpendingSummary.sheet(
                of: amounts.map { .init(category: $0.0, count: 2, spent: money($0.1, currency)) },
                rows: [],
                currency: currency, filter: TransactionFilter(direction: .debit),
                scope: scribe.scope(
                    arguments, span: DaySpan(.previous(.month), now: now, timeZone: timeZone), timeZone: timeZone),
                scribe: scribe)
        }
    }

    static func knowledge(_ language: Language, question: String = "") throws -> Findings {
        let article =
            language == .english
            ? Article(
                id: "en-overdraft", language: "en", topic: "overdraft", title: "Overdraft fees",
                body:
                    "An overdraft happens when you spend more than you have. The fee is $35.00 for each item, at most 3 a day. "
                    + "It is not charged for amounts under 5%.", updatedAt: now)
            : Article(
                id: "zh-overdraft", language: "zh", topic: "overdraft", title: "透支费用",
                body: "透支是指支出超过余额。每笔费用为35.00元，每天最多3笔。低于5%的部分不收费。", updatedAt: now)
        return try self.findings(ToolCall(tool: "knowledge.search"), language) { _ in
            KnowledgeSearch.sheet(article, for: question, phrasebook: Phrasebook(language: language))
        }
    }
}
