import Foundation
public import Ledger
import TellerMessages
public import Transformer

/// Answers one question at a time: plan, resolve, compose, check.
///
/// Each step is one function from a value to the next, and none knows where a question came from or where its answer
/// goes:
///
///     let plan = try await assistant.plan(inquiry)
///     let findings = try await assistant.resolve(plan, for: inquiry, as: customer)
///     let draft = try await assistant.compose(findings, for: inquiry)
///     let answer = assistant.check(draft, against: findings, for: inquiry)
public struct ChatAssistant: Sendable {
    private let engine: InferenceEngine
    private let profile: ModelProfile
    private let ledger: LedgerStore
    private let toolbox = Toolbox.standard
    private let articles = ArticleShelf()

    public init(engine: InferenceEngine, profile: ModelProfile, ledger: LedgerStore) {
        self.engine = engine
        self.profile = profile
        self.ledger = ledger
    }

    /// Decides which tool answers the question, and with which arguments.
    ///
    /// A given plan is validated and kept; otherwise the model writes one under the tools' grammar. A model that does
    /// not come to the end of its plan has not understood the question, so the plan is to ask back.
    /// - Throws: ``AssistantError``, or `TransformerError`.
    public func plan(_ inquiry: Inquiry) async throws -> Plan {
        if let given = inquiry.givenPlan {
            return Plan(call: try self.toolbox.validated(given), madeBy: .request)
        }
        let previous = inquiry.previousPlan.flatMap { try? self.toolbox.validated($0) }
        let prompt = self.profile.planPrompt(question: inquiry.question, previous: previous)
        let generation = try await self.engine.generate(
            GenerationRequest(
                prompt: prompt.tokens, maximumNewTokens: ModelProfile.maximumPlanTokens, stopTokens: prompt.stopTokens,
                constraint: PlanGrammar(toolbox: self.toolbox, question: prompt.question, previous: previous),
                deadline: inquiry.deadline, cacheOwner: inquiry.owner))
        if generation.finish == .deadline { throw AssistantError.deadlineExceeded }
        let call = generation.finish == .stop ? ToolCall(planLine: generation.text) : nil
        return Plan(
            call: try self.toolbox.validated(call ?? Clarify.call), usage: ChatAnswer.Usage(generation.usage),
            madeBy: .model)
    }

    /// Runs the plan's tool in the customer's own session.
    ///
    /// - Throws: ``AssistantError`` when the plan is not valid, `PostgresError` or `LedgerError` when the ledger does
    ///   not answer.
    public func resolve(_ plan: Plan, for inquiry: Inquiry, as customer: Customer) async throws -> Findings {
        let call = try self.toolbox.validated(plan.call)
        let tool = try self.toolbox.tool(named: call.tool)
        let arguments = ToolArguments(validated: call)
        let session = ToolSession(
            question: inquiry.question, language: inquiry.language, now: inquiry.now, accountID: inquiry.accountID,
            customer: customer, ledger: self.ledger.at(inquiry.ledgerMoment), articles: self.articles)
        let sheet = try await tool.facts(for: arguments, in: session)
        return Findings(plan: plan, sheet: sheet, tool: tool, arguments: arguments, language: inquiry.language)
    }

    /// Words the findings: by the model under the figures' constraint, or plainly where that is asked for or all
    /// there is.
    ///
    /// - Throws: `TransformerError`; a deadline is no error here, since the plain wording is at hand.
    public func compose(_ findings: Findings, for inquiry: Inquiry) async throws -> Draft {
        if inquiry.plainWording { return .plain(.requested) }
        guard findings.sheet.isWordable else { return .plain(.nothingToWord) }
        if let deadline = inquiry.deadline, deadline <= .now { return .plain(.deadline) }
        let previous = inquiry.previousPlan.flatMap { try? self.toolbox.validated($0) }
        guard
            let prompt = self.profile.wordingPrompt(question: inquiry.question, previous: previous, findings: findings)
        else { return .plain(.tooLong) }
        let generation = try await self.engine.generate(
            GenerationRequest(
                prompt: prompt.tokens, maximumNewTokens: ModelProfile.maximumAnswerTokens,
                stopTokens: prompt.stopTokens,
                constraint: FigureConstraint(findings.figures), deadline: inquiry.deadline, cacheOwner: inquiry.owner))
        let usage = ChatAnswer.Usage(generation.usage)
        switch generation.finish {
        case .stop: return Draft(wording: .model(generation.text), usage: usage)
        case .deadline: return .plain(.deadline, usage: usage)
        default: return .plain(.unfinished, usage: usage)
        }
    }

    /// Makes the answer of a draft that says only what the findings hold, and of the plain wording otherwise.
    public func check(_ draft: Draft, against findings: Findings, for inquiry: Inquiry) -> Answer {
        GroundingCheck.answer(from: draft, against: findings, question: inquiry.question)
    }
}

extension ChatAnswer.Usage {
    init(_ usage: TokenUsage) {
        self.init(
            promptTokens: usage.promptTokens, cachedTokens: usage.cachedTokens, completionTokens: usage.completionTokens
        )
    }
}
