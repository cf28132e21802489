import Finance
import Foundation
import Ledger

/// Which accounts the customer has.
struct AccountsList: Tool {
    let name = "accounts.list"
    let arguments = [Argument.account]

    func facts(for arguments: ToolArguments, in session: ToolSession) async throws -> FactSheet {
        let (profile, accounts) = try await session.ask(
            Profile(), Accounts(kind: arguments.account, id: session.accountID))
        return Self.sheet(
            of: accounts, phrasebook: session.phrasebook, now: session.now,
            timeZone: TimeZone(identifier: profile.timeZone) ?? .gmt)
    }

    /// How many accounts there are, and each with its balance.
    static func sheet(of accounts: [Account], phrasebook: Phrasebook, now: Date, timeZone: TimeZone) -> FactSheet {
        guard let asOf = accounts.map(\.asOf).min() else { return FactSheet(isWordable: false) }
        let scribe = FactScribe(phrasebook: phrasebook, asOf: asOf)
        let ids = accounts.map(\.id).joined(separator: ",")
        let count = scribe.count("count", accounts.count, of: "accounts", source: "count over ledger.accounts/\(ids)")
        return FactSheet(
            [count] + AccountBalance.rows(of: accounts, scribe),
            disclosures: [AccountBalance.note(on: CalendarDay(containing: asOf, in: timeZone), phrasebook)],
            isWordable: accounts.count <= FactSheet.wordableRows && Set(accounts.map(\.balance.currency)).count == 1)
    }

    func plainWording(of sheet: FactSheet, for arguments: ToolArguments, in language: Language) -> String {
        let phrasebook = Phrasebook(language: language)
        let rows = sheet.rows("account", "balance")
        guard let count = sheet["count"], !rows.isEmpty else { return Self.nothing(of: arguments.account, phrasebook) }
        return phrasebook.text(
            "You have \(count) \(Self.noun(arguments.account, isPlural: rows.count > 1)):\n",
            "您有\(count)个\(arguments.account.map(phrasebook.kind) ?? "")账户：\n") + Self.list(rows, phrasebook)
    }

    static func list(_ rows: [[String]], _ phrasebook: Phrasebook) -> String {
        rows.map { $0.joined(separator: phrasebook.text(": ", "：")) }.joined(separator: "\n")
    }

    static func nothing(of kind: AccountKind?, _ phrasebook: Phrasebook) -> String {
        phrasebook.text(
            "I found no \(self.noun(kind, isPlural: false)) in your name.",
            "没有找到您名下的\(kind.map(phrasebook.kind) ?? "")账户。")
    }

    private static func noun(_ kind: AccountKind?, isPlural: Bool) -> String {
        let kind = kind.map { Phrasebook(language: .english).kind($0) + " " } ?? ""
        return kind + (isPlural ? "accounts" : "account")
    }
}
