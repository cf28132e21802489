import Finance
import Foundation
import Ledger

/// What is in an account, or in each of several.
struct AccountBalance: Tool {
    let name = "account.balance"
    let arguments = [Argument.account]

    func facts(for arguments: ToolArguments, in session: ToolSession) async throws -> FactSheet {
        let (profile, accounts) = try await session.ask(
            Profile(), Accounts(kind: arguments.account, id: session.accountID))
        return Self.sheet(
            of: accounts, phrasebook: session.phrasebook, now: session.now,
            timeZone: TimeZone(identifier: profile.timeZone) ?? .gmt)
    }

    /// The balances of accounts, with a total where there are several in one currency.
    ///
    /// The date is that of the oldest balance, so that none is said to be newer than it is.
    static func sheet(of accounts: [Account], phrasebook: Phrasebook, now: Date, timeZone: TimeZone) -> FactSheet {
        guard let asOf = accounts.map(\.asOf).min() else { return FactSheet(isWordable: false) }
        let scribe = FactScribe(phrasebook: phrasebook, asOf: asOf)
        let day = CalendarDay(containing: asOf, in: timeZone)
        var sheet = FactSheet(disclosures: [Self.note(on: day, phrasebook)])
        if accounts.count == 1 {
            let account = accounts[0]
            sheet.lines = [scribe.account("account", account)]
            sheet.lines.append(scribe.money("balance", account.balance, source: account.reference, isRequired: true))
            if let available = account.available {
                sheet.lines.append(scribe.money("available", available, source: account.reference))
            }
            if let limit = account.creditLimit {
                sheet.lines.append(scribe.money("limit", limit, source: account.reference))
            }
        } else {
            sheet.lines = Self.rows(of: accounts, scribe)
            if let total = Self.total(of: accounts) {
                let rows = accounts.map(\.id).joined(separator: ",")
                sheet.lines.append(scribe.money("total", total, source: "sum(balance) over ledger.accounts/\(rows)"))
            }
            sheet.isWordable =
                accounts.count <= FactSheet.wordableRows && Set(accounts.map(\.balance.currency)).count == 1
        }
        sheet.lines.append(scribe.day("as_of", day, source: "ledger.accounts.as_of"))
        return sheet
    }

    /// Each account and its balance.
    static func rows(of accounts: [Account], _ scribe: FactScribe) -> [FactLine] {
        accounts.enumerated().flatMap { index, account in
            [
                scribe.account("account_\(index + 1)", account),
                scribe.money(
                    "balance_\(index + 1)", account.balance, source: account.reference, asOf: account.asOf,
                    isRequired: true),
            ]
        }
    }

    /// The sum of the balances, what is owed taken off; `nil` over several currencies.
    private static func total(of accounts: [Account]) -> Money? {
        accounts.dropFirst().reduce(accounts.first?.balance) { sum, account in
            sum.flatMap { try? $0 + account.balance }
        }
    }

    static func note(on day: CalendarDay, _ phrasebook: Phrasebook) -> String {
        phrasebook.text(
            "Balances are as of \(phrasebook.day(day)) and may not include pending transactions.",
            "余额截至\(phrasebook.day(day))，可能不含尚未入账的交易。")
    }

    func plainWording(of sheet: FactSheet, for arguments: ToolArguments, in language: Language) -> String {
        let phrasebook = Phrasebook(language: language)
        let date = sheet["as_of"] ?? ""
        if let account = sheet["account"], let balance = sheet["balance"] {
            return phrasebook.text(
                "As of \(date), your \(account) has a balance of \(balance)"
                    + (sheet["available"].map { ", with \($0) available" } ?? "")
                    + (sheet["limit"].map { "; its limit is \($0)" } ?? "") + ".",
                "截至\(date)，您的\(account)余额为\(balance)" + (sheet["available"].map { "，可用\($0)" } ?? "")
                    + (sheet["limit"].map { "，额度\($0)" } ?? "") + "。")
        }
        let rows = sheet.rows("account", "balance")
        guard !rows.isEmpty else { return AccountsList.nothing(of: arguments.account, phrasebook) }
        let total = sheet["total"].map { phrasebook.text("\nTotal: \($0)", "\n合计：\($0)") } ?? ""
        return phrasebook.text("As of \(date), your balances are:\n", "截至\(date)，您的账户余额如下：\n")
            + AccountsList.list(rows, phrasebook) + total
    }
}

extension FactSheet {
    /// The most rows that a model is asked to word.
    static let wordableRows = 5
}
