import Foundation
import TellerMessages
public import Transformer

/// How a checkpoint is spoken to: which special tokens frame a question, a plan, facts and an answer, and how much
/// fits.
///
/// The dialect is told by the checkpoint's special tokens. Prompts are put together as token ids: special tokens by
/// their id, and every text with special tokens off, so that no text can end its own part of the prompt.
public struct ModelProfile: Sendable {
    /// The dialects that the assistant speaks.
    enum Dialect: Sendable {
        /// Plans and facts as lines, for small models trained on them.
        case lines(LineTokens)
    }

    /// The ids of the special tokens of the line dialect.
    struct LineTokens: Sendable {
        let end, history, question, plan, facts, answer: TokenID
    }

    let dialect: Dialect
    private let tokenizer: Tokenizer
    private let contextLength: Int

    static let maximumPlanTokens = 96
    static let maximumAnswerTokens = 256

    /// The profile of a model, told by its special tokens.
    ///
    /// - Throws: ``AssistantError/unsupportedModel(missing:)``, with the first token that it lacks.
    public init(for model: LanguageModel) throws(AssistantError) {
        try self.init(tokenizer: model.tokenizer, contextLength: model.configuration.contextLength)
    }

    init(tokenizer: Tokenizer, contextLength: Int) throws(AssistantError) {
        func id(_ token: String) throws(AssistantError) -> TokenID {
            guard let id = tokenizer.id(of: token) else { throw .unsupportedModel(missing: token) }
            return id
        }
        self.dialect = .lines(
            LineTokens(
                end: try id("<|end|>"), history: try id("<|h|>"), question: try id("<|q|>"), plan: try id("<|plan|>"),
                facts: try id("<|f|>"), answer: try id("<|a|>")))
        self.tokenizer = tokenizer
        self.contextLength = contextLength
    }

    /// What the model is asked for a plan with.
    struct PlanPrompt: Sendable {
        let tokens: [TokenID]
        /// The question as far as the model sees it.
        let question: String
        let stopTokens: Set<TokenID>
    }

    /// The prompt for a plan; a question that does not fit is cut at its end.
    func planPrompt(question: String, previous: ToolCall?) -> PlanPrompt {
        switch self.dialect {
        case .lines(let special):
            let history = previous.map { [special.history] + self.tokenizer.encode($0.planLine) } ?? []
            let room = self.contextLength - Self.maximumPlanTokens - 2
            // History only helps; a question that leaves it no room goes first.
            var words = self.tokenizer.encode(Self.trimmed(question))
            let kept = history.count < room / 2 ? history : []
            let isCut = words.count > room - kept.count
            if isCut { words.removeLast(words.count - (room - kept.count)) }
            return PlanPrompt(
                tokens: kept + [special.question] + words + [special.plan],
                question: isCut ? self.tokenizer.decode(words).replacing("\u{FFFD}", with: "") : Self.trimmed(question),
                stopTokens: [special.end])
        }
    }

    /// The prompt for a wording, or `nil` when it does not fit beside an answer.
    func wordingPrompt(question: String, previous: ToolCall?, findings: Findings) -> (
        tokens: [TokenID], stopTokens: Set<TokenID>
    )? {
        switch self.dialect {
        case .lines(let special):
            let plan = self.planPrompt(question: question, previous: previous).tokens
            let facts = findings.sheet.lines.map(\.text).joined(separator: "\n")
            let tokens =
                plan + self.tokenizer.encode(findings.plan.call.planLine) + [special.end, special.facts]
                + self.tokenizer.encode(facts) + [special.answer]
            guard tokens.count + Self.maximumAnswerTokens <= self.contextLength else { return nil }
            return (tokens, [special.end])
        }
    }

    private static func trimmed(_ question: String) -> String {
        question.precomposedStringWithCanonicalMapping.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
