import Finance
import Foundation
import Ledger
import TellerMessages

/// Which transactions a question is about, in words.
struct Scope: Sendable {
    let arguments: ToolArguments
    let sheet: FactSheet
    let phrasebook: Phrasebook

    /// `dining transactions with Netflix in your savings account, of at least 15k, last month (Oct 1 – Oct 31, 2026)`.
    func english(noun: String) -> String {
        var words = self.sheet["category"].map { "\($0) \(noun)" } ?? noun
        if let merchant = self.sheet["merchant"] { words += " with \(merchant)" }
        if let text = self.arguments["text"] { words += " matching “\(self.phrasebook.name(text))”" }
        if let kind = self.arguments.account { words += " in your \(self.phrasebook.kind(kind)) account" }
        let bounds = self.arguments.writtenBounds
        if let minimum = bounds.minimum { words += " of at least \(minimum)" }
        if let maximum = bounds.maximum { words += (bounds.minimum == nil ? " of" : " and") + " at most \(maximum)" }
        return words + (self.when.map { " \($0)" } ?? "")
    }

    /// `上个月（…）储蓄账户中不低于500、与Netflix有关的餐饮`.
    var chinese: String {
        var words = self.when ?? ""
        if let kind = self.arguments.account { words += "\(self.phrasebook.kind(kind))账户中" }
        let bounds = self.arguments.writtenBounds
        if let minimum = bounds.minimum { words += "不低于\(minimum)、" }
        if let maximum = bounds.maximum { words += "不超过\(maximum)、" }
        if let merchant = self.sheet["merchant"] { words += "与\(merchant)有关的" }
        if let text = self.arguments["text"] { words += "含“\(self.phrasebook.name(text))”的" }
        return words + (self.sheet["category"] ?? "")
    }

    /// The period as it follows a verb: `in October (…)`, `in the last 7 days (…)`, `last month (…)`.
    var when: String? {
        guard let period = self.arguments.period, let words = self.sheet["period"] else { return nil }
        guard self.phrasebook.language == .english else { return words }
        switch period {
        case .month: return "in \(words)"
        case .lastDays, .lastMonths: return "in the \(words)"
        case .today, .yesterday, .current, .previous: return words
        }
    }
}

extension ToolArguments {
    /// The bounds on amounts as the customer wrote them, the smaller first.
    var writtenBounds: (minimum: String?, maximum: String?) {
        let swaps = self["min"].flatMap(WrittenNumber.init)?.value != self.bounds.minimum
        return swaps ? (self["max"], self["min"]) : (self["min"], self["max"])
    }
}

extension FactScribe {
    /// What a question restricted itself to: its period, merchant and category.
    func scope(_ arguments: ToolArguments, span: DaySpan?, timeZone: TimeZone) -> [FactLine] {
        var lines: [FactLine] = []
        if let period = arguments.period, let span {
            lines.append(self.period("period", period, span, timeZone: timeZone))
        }
        if let merchant = arguments["merchant"] { lines.append(self.text("merchant", merchant, source: "question")) }
        if let category = arguments.category { lines.append(self.category("category", category, source: "question")) }
        return lines
    }

    func category(_ name: String, _ category: TransactionCategory, source: String) -> FactLine {
        self.text(name, category.rawValue, rendering: self.phrasebook.category(category.rawValue), source: source)
    }

    /// How many rows there are, over all currencies, and the sum of each: `total`, or `total_usd` where there are
    /// several.
    func totals(_ totals: [(TransactionTotals.Total, Money)], evidence: Evidence) -> [FactLine] {
        let count = totals.reduce(0) { $0 + $1.0.count }
        let rows = totals.flatMap(\.0.transactionIDs)
        let counted = self.count(
            "count", count, of: "transactions", source: evidence.of("count", rows: rows, total: count), isRequired: true
        )
        return [counted]
            + totals.map { total, sum in
                self.money(
                    totals.count == 1 ? "total" : "total_\(sum.currency.code.lowercased())", sum,
                    source: evidence.of("sum(amount)", rows: total.transactionIDs, total: total.count), asOf: total.asOf
                )
            }
    }
}

extension FactSheet {
    /// The totals, one a currency.
    var totals: [String] {
        self.lines.filter { $0.fact.name == "total" || $0.fact.name.hasPrefix("total_") }.map(\.rendering)
    }
}
