import Foundation
import Ledger

/// One thing that can be found out for a customer, the only way from a plan to data.
///
/// A tool asks the ledger its questions in the customer's own session, makes facts of the rows exactly, and words them
/// plainly. Making facts and wording them are pure functions of each tool, so they need no database to be tested.
protocol Tool: Sendable {
    /// The name that plans call it by, such as `account.balance`.
    var name: String { get }
    /// What it takes, in the order in which plans write it.
    var arguments: [Argument] { get }

    /// Finds the facts for validated arguments.
    func facts(for arguments: ToolArguments, in session: ToolSession) async throws -> FactSheet

    /// Words facts that this tool found, without inference, for the customer to read.
    func plainWording(of sheet: FactSheet, for arguments: ToolArguments, in language: Language) -> String
}

/// What a tool works with beside its arguments: whose question it is, when and in which language, and the ledger.
struct ToolSession: Sendable {
    let question: String
    let language: Language
    let now: Date
    /// The account that the request names; every read is restricted to it.
    let accountID: String?
    let customer: Customer
    let ledger: LedgerStore
    let articles: ArticleShelf

    var phrasebook: Phrasebook { Phrasebook(language: self.language) }

    func ask<each Question: LedgerQuestion>(
        _ question: repeat each Question
    ) async throws -> (repeat (each Question).Answer) {
        try await self.ledger.ask(repeat each question, as: self.customer)
    }

    /// The customer's time zone; Greenwich where the bank names one that does not exist.
    func timeZone() async throws -> TimeZone {
        let profile = try await self.ask(Profile())
        return TimeZone(identifier: profile.timeZone) ?? .gmt
    }
}
