import Finance
import Foundation
import Ledger
import TellerMessages

/// What the customer spent: with a merchant, in a category, or on what in all.
///
/// Spending is money out, without a sign; refunds are not taken off. Without a period the month so far is meant.
struct SpendingSummary: Tool {
    let name = "spending.summary"
    let arguments = [Argument.account, .merchant, .category, .period]

    static let usualPeriod = Period.current(.month)
    /// How many categories are shown at most, the largest first.
    static let maximumCategories = 5

    func facts(for arguments: ToolArguments, in session: ToolSession) async throws -> FactSheet {
        let timeZone = try await session.timeZone()
        let arguments = arguments.assuming(period: Self.usualPeriod)
        let span = DaySpan(arguments.period ?? Self.usualPeriod, now: session.now, timeZone: timeZone)
        let filter = TransactionFilter(
            accountID: session.accountID, accountKind: arguments.account, merchant: arguments["merchant"],
            category: arguments.category, period: span.interval, direction: .debit)
        let scribe = FactScribe(phrasebook: session.phrasebook, asOf: session.now)
        let scope = scribe.scope(arguments, span: span, timeZone: timeZone)
        guard filter.merchant == nil, filter.category == nil else {
            let totals = try await session.ask(TransactionTotals(filter))
            return Self.sheet(of: totals, filter: filter, scope: scope, scribe: scribe)
        }
        let (lines, rows, totals) = try await session.ask(
            SpendingByCategory(filter), Transactions(filter, limit: Self.citedTransactions), TransactionTotals(filter))
        return Self.sheet(
            of: lines, rows: rows, currency: totals.first?.sum.currency, filter: filter, scope: scope, scribe: scribe)
    }

    /// How many rows are read to cite those of each category.
    private static let citedTransactions = 200

    /// What was spent with the merchant or in the category asked about.
    static func sheet(
        of totals: [TransactionTotals.Total], filter: TransactionFilter, scope: [FactLine], scribe: FactScribe
    ) -> FactSheet {
        let isFound = totals.contains { $0.count > 0 }
        let lines = scribe.totals(totals.map { ($0, $0.sum.magnitude) }, evidence: Evidence(filter: filter))
        let required = lines.map { $0.requiring($0.fact.name.hasPrefix("total")) }
        return FactSheet(scope + required, isWordable: isFound && totals.count == 1)
    }

    /// What was spent in all and on the largest categories.
    ///
    /// - Parameters:
    ///   - rows: The latest transactions, for the sources alone.
    ///   - currency: What to say zero in when nothing was spent.
    static func sheet(
        of categories: [SpendingByCategory.Line], rows: [Transaction], currency: Currency?, filter: TransactionFilter,
        scope: [FactLine], scribe: FactScribe
    ) -> FactSheet {
        let evidence = Evidence(filter: filter, restriction: "category!=transfer")
        let counted = rows.filter { $0.category != .transfer }
        func source(_ lines: [SpendingByCategory.Line], _ evidence: Evidence, _ rows: [Transaction]) -> String {
            evidence.of("-sum(amount)", rows: rows.map(\.id), total: lines.reduce(0) { $0 + $1.count })
        }
        let currencies = categories.map(\.spent.currency).reduce(into: [Currency]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        var sheet = FactSheet(scope, isWordable: currencies.count == 1)
        for currency in currencies.isEmpty ? [currency].compactMap({ $0 }) : currencies {
            let lines = categories.filter { $0.spent.currency == currency }
            sheet.lines.append(
                scribe.money(
                    currencies.count <= 1 ? "total" : "total_\(currency.code.lowercased())",
                    Money(lines.reduce(Decimal(0)) { $0 + $1.spent.amount }, currency),
                    source: source(lines, evidence, counted.filter { $0.amount.currency == currency }), isRequired: true
                ))
        }
        for (index, line) in categories.prefix(Self.maximumCategories).enumerated() {
            var narrowed = filter
            narrowed.category = line.category
            let rows = counted.filter {
                ($0.category ?? .other) == line.category && $0.amount.currency == line.spent.currency
            }
            let source = source([line], Evidence(filter: narrowed), rows)
            sheet.lines += [
                scribe.category("category_\(index + 1)", line.category, source: source),
                scribe.money("amount_\(index + 1)", line.spent, source: source, isRequired: true),
            ]
        }
        return sheet
    }

    func plainWording(of sheet: FactSheet, for arguments: ToolArguments, in language: Language) -> String {
        let phrasebook = Phrasebook(language: language)
        let arguments = arguments.assuming(period: Self.usualPeriod)
        let when = Scope(arguments: arguments, sheet: sheet, phrasebook: phrasebook).when ?? ""
        let total = sheet.totals.joined(separator: phrasebook.text(" and ", "和"))
        let account = arguments.account.map {
            phrasebook.text(" from your \(phrasebook.kind($0)) account", "从\(phrasebook.kind($0))账户")
        }
        let place = account ?? ""
        guard arguments["merchant"] != nil || arguments.category != nil else {
            let rows = sheet.rows("category", "amount")
            guard !rows.isEmpty else {
                return phrasebook.text("I found no spending\(place) \(when).", "\(when)没有找到\(place)支出的记录。")
            }
            return phrasebook.text(
                "You spent \(total)\(place) in total \(when). The largest categories:\n",
                "\(when)您\(place)共支出\(total)，主要类别：\n") + AccountsList.list(rows, phrasebook)
        }
        let subject = (sheet["merchant"], sheet["category"])
        let english = (subject.1.map { " on \($0)" } ?? "") + (subject.0.map { " at \($0)" } ?? "")
        let chinese = (subject.0.map { "在\($0)" } ?? "") + (subject.1.map { "的\($0)" } ?? "")
        guard let count = sheet["count"], count != "0" else {
            return phrasebook.text(
                "I found no spending\(english)\(place) \(when).", "\(when)没有找到您\(place)\(chinese)支出。")
        }
        let noun = count == "1" ? "transaction" : "transactions"
        return phrasebook.text(
            "You spent \(total)\(english)\(place) \(when), in \(count) \(noun).",
            "\(when)您\(place)\(chinese)支出共\(total)，共\(count)笔。")
    }
}

extension ToolArguments {
    /// The arguments, with this period where they name none.
    func assuming(period: Period) -> ToolArguments {
        self.period == nil ? self.setting("period", to: period.word) : self
    }
}
