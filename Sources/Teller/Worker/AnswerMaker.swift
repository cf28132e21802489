import Assistant
import Foundation
import Ledger
import TellerMessages
import Transformer

/// Answers a verified customer's request: plan → resolve → compose → check. It neither records nor publishes.
struct AnswerMaker: Sendable {
    let assistant: ChatAssistant
    let model: ChatAnswer.Model

    /// - Parameters:
    ///   - previousPlan: The plan of the conversation's turn before, for a question that refers to it.
    ///   - now: The moment of the question, from which its periods and its deadline are counted.
    ///   - moment: The moment whose ledger the answer is read from.
    func answer(
        to request: ChatRequest, from customer: Customer, after previousPlan: ToolCall?, now: Date = Date(),
        ledger moment: LedgerMoment = .latest, _ progress: inout Progress
    ) async throws -> ChatAnswer {
        if let deadline = request.deadline, deadline <= now { throw Failure.expired(.claim) }
        let inquiry = Inquiry(
            question: request.body.question, language: request.language, previousPlan: previousPlan,
            givenPlan: request.body.plan, plainWording: request.body.wantsPlainWording, accountID: request.body.accountID, now: now,
            ledgerMoment: moment, deadline: request.deadline.map { .now + .seconds($0.timeIntervalSince(now)) },
            // Ids hold no spaces.
            owner: "\(customer.id) \(request.body.conversationID)")

        let plan = try await progress.run(.plan) { try await self.assistant.plan(inquiry) }
        let findings = try await progress.run(.resolve) {
            try await self.assistant.resolve(plan, for: inquiry, as: customer)
        }
        let draft = try await progress.run(.compose) { try await self.assistant.compose(findings, for: inquiry) }
        let answer = try await progress.run(.check) { self.assistant.check(draft, against: findings, for: inquiry) }
        return ChatAnswer(answer, to: request, by: self.model, timing: progress.milliseconds)
    }
}

extension AnswerMaker {
    init(engine: InferenceEngine, ledger: LedgerStore) throws {
        let model = engine.model
        self.init(
            assistant: try ChatAssistant(engine: engine, profile: ModelProfile(for: model), ledger: ledger),
            model: ChatAnswer.Model(name: model.name, revision: model.revision, weights: model.weights.rawValue))
    }
}

extension ChatRequest {
    /// The language to answer in.
    var language: Language { Language(locale: self.body.locale, question: self.body.question) }
}

extension ChatAnswer {
    init(_ answer: Answer, to request: ChatRequest, by model: Model, timing: [(stage: String, milliseconds: Int)]) {
        self.init(
            requestID: request.id, conversationID: request.body.conversationID, status: .answered,
            language: answer.language.rawValue, text: answer.text)
        self.plan = answer.plan
        self.facts = answer.facts
        self.disclosures = answer.disclosures
        self.model = model
        self.usage = answer.usage
        self.timing = timing
    }
}
