import Finance
import Foundation
import Ledger

/// Which transactions there are: by account, merchant, category, text, size and time, the latest first.
struct TransactionsSearch: Tool {
    let name = "transactions.search"
    let arguments = [
        Argument.account, .merchant, .category, Argument("text", .text), Argument("min", .amount),
        Argument("max", .amount),
        Argument("count", .count), .period,
    ]

    /// How many rows are shown when the question names no number, and how many at most when it does.
    static let usualRows = 5
    static let maximumRows = 50

    func facts(for arguments: ToolArguments, in session: ToolSession) async throws -> FactSheet {
        let timeZone = try await session.timeZone()
        let bounds = arguments.bounds
        let span = arguments.period.map { DaySpan($0, now: session.now, timeZone: timeZone) }
        let filter = TransactionFilter(
            accountID: session.accountID, accountKind: arguments.account, merchant: arguments["merchant"],
            category: arguments.category, text: arguments["text"], minimum: bounds.minimum, maximum: bounds.maximum,
            period: span?.interval)
        let limit = min(arguments.count ?? Self.usualRows, Self.maximumRows)
        let (rows, totals) = try await session.ask(Transactions(filter, limit: limit), TransactionTotals(filter))
        return Self.sheet(
            of: rows, totals: arguments.count == nil ? totals : Self.totals(of: rows, like: totals), filter: filter,
            arguments: arguments, span: span, phrasebook: session.phrasebook, timeZone: timeZone, now: session.now)
    }

    /// The totals of the rows shown alone, for a question that asks for so many.
    static func totals(of rows: [Transaction], like totals: [TransactionTotals.Total]) -> [TransactionTotals.Total] {
        guard !rows.isEmpty else { return totals }
        return totals.compactMap { total in
            let rows = rows.filter { $0.amount.currency == total.sum.currency }
            guard !rows.isEmpty else { return nil }
            let sum = rows.reduce(Decimal(0)) { $0 + $1.amount.amount }
            return TransactionTotals.Total(
                count: rows.count, sum: Money(sum, total.sum.currency), transactionIDs: rows.map(\.id), asOf: total.asOf
            )
        }
    }

    /// How many transactions there are, what they come to, and each one shown; amounts signed as in the ledger.
    static func sheet(
        of rows: [Transaction], totals: [TransactionTotals.Total], filter: TransactionFilter, arguments: ToolArguments,
        span: DaySpan?, phrasebook: Phrasebook, timeZone: TimeZone, now: Date
    ) -> FactSheet {
        let scribe = FactScribe(phrasebook: phrasebook, asOf: totals.first?.asOf ?? now)
        let evidence = Evidence(filter: filter)
        var sheet = FactSheet(isWordable: (1...FactSheet.wordableRows).contains(rows.count) && totals.count == 1)
        sheet.lines = scribe.scope(arguments, span: span, timeZone: timeZone)
        sheet.lines += scribe.totals(totals.map { ($0, $0.sum) }, evidence: evidence)
        for (index, row) in rows.enumerated() {
            let day = CalendarDay(containing: row.postedAt, in: timeZone)
            sheet.lines += [
                scribe.day("date_\(index + 1)", day, source: row.reference),
                scribe.text("merchant_\(index + 1)", row.merchant ?? row.description, source: row.reference),
                scribe.money("amount_\(index + 1)", row.amount, source: row.reference, isRequired: true),
            ]
        }
        return sheet
    }

    func plainWording(of sheet: FactSheet, for arguments: ToolArguments, in language: Language) -> String {
        let phrasebook = Phrasebook(language: language)
        let rows = sheet.rows("date", "merchant", "amount")
        let scope = Scope(arguments: arguments, sheet: sheet, phrasebook: phrasebook)
        guard let count = sheet["count"], !rows.isEmpty else {
            return phrasebook.text(
                "I found no \(scope.english(noun: "transactions")).", "没有找到\(scope.chinese)交易。")
        }
        let total = sheet.totals.joined(separator: phrasebook.text(" and ", "和"))
        let isPartial = sheet["count"] != "\(rows.count)"
        let list = rows.map { phrasebook.text("\($0[0]), \($0[1]): \($0[2])", "\($0[0]) \($0[1])：\($0[2])") }
        let found = scope.english(noun: rows.count == 1 ? "transaction" : "transactions")
        return phrasebook.text(
            "I found \(count) \(found), \(total) in total"
                + (isPartial ? ". The latest are:\n" : ":\n"),
            "找到\(count)笔\(scope.chinese)交易，合计\(total)" + (isPartial ? "，最近的是：\n" : "：\n"))
            + list.joined(separator: "\n")
    }
}
