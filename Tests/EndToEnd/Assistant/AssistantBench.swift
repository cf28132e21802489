import Foundation
import Ledger
import TellerMessages
import Transformer

@testable import Assistant

extension Answer {
    /// What its facts cite, without the conditions by which the rows were found.
    var citedRows: [String] {
        self.facts.map { fact in
            fact.source.range(of: "rows=").map { String(fact.source[$0.upperBound...]) } ?? fact.source
        }
    }
}

/// The assistant with the embedded model on a test database.
struct AssistantBench {
    let assistant: ChatAssistant
    let database: LedgerDatabase

    private static let engine = Result {
        InferenceEngine(model: try LanguageModel.load(directory: EmbeddedModel.directory), threads: 1)
    }

    init(_ database: LedgerDatabase) throws {
        let engine = try Self.engine.get()
        self.database = database
        self.assistant = ChatAssistant(
            engine: engine, profile: try ModelProfile(for: engine.model), ledger: database.store)
    }

    /// All four steps for one inquiry.
    func answer(_ inquiry: Inquiry, as customer: String) async throws -> Answer {
        let plan = try await self.assistant.plan(inquiry)
        let findings = try await self.assistant.resolve(
            plan, for: inquiry, as: self.database.customer(customer))
        let draft = try await self.assistant.compose(findings, for: inquiry)
        return self.assistant.check(draft, against: findings, for: inquiry)
    }

    /// The plain answer to a plan of the line dialect.
    func plain(
        _ line: String, as customer: String, in language: Language = .english, account: String? = nil,
        now: Date = SharedLedgerDatabase.anchor
    ) async throws -> Answer {
        guard let plan = ToolCall(planLine: line) else { throw CancellationError() }
        return try await self.answer(
            Inquiry(
                question: "", language: language, givenPlan: plan, plainWording: true, accountID: account, now: now),
            as: customer)
    }
}
