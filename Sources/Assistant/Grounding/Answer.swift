public import TellerMessages

/// An answer that has passed the check; there is no other way to make one.
public struct Answer: Sendable {
    /// Who worded an answer.
    public enum Wording: Sendable, Hashable {
        case model
        /// The tool, and why.
        case plain(Draft.PlainReason)
    }

    public let language: Language
    public let text: String
    public let plan: ToolCall
    public let facts: [Fact]
    /// Sentences that belong beside the text, such as that it is no personal advice.
    public let disclosures: [String]
    /// The tokens of planning and wording together.
    public let usage: ChatAnswer.Usage
    public let wording: Wording

    fileprivate init(_ findings: Findings, text: String, wording: Wording, usage: ChatAnswer.Usage) {
        self.language = findings.language
        self.text = text
        self.plan = findings.plan.call
        self.facts = findings.facts
        self.disclosures = findings.sheet.disclosures
        self.usage = usage
        self.wording = wording
    }
}

extension GroundingCheck {
    /// The answer that a draft becomes: the model's words when they are grounded in the findings, else the tool's own.
    static func answer(from draft: Draft, against findings: Findings, question: String) -> Answer {
        let usage = findings.plan.usage + draft.usage
        let reason: Draft.PlainReason
        switch draft.wording {
        case .model(let text):
            guard let violation = GroundingCheck(findings: findings, question: question).violation(in: text) else {
                return Answer(findings, text: text, wording: .model, usage: usage)
            }
            reason = .rejected(violation)
        case .plain(let given): reason = given
        }
        return Answer(findings, text: findings.plainWording, wording: .plain(reason), usage: usage)
    }
}

extension ChatAnswer.Usage {
    static func + (left: ChatAnswer.Usage, right: ChatAnswer.Usage) -> ChatAnswer.Usage {
        ChatAnswer.Usage(
            promptTokens: left.promptTokens + right.promptTokens, cachedTokens: left.cachedTokens + right.cachedTokens,
            completionTokens: left.completionTokens + right.completionTokens)
    }
}
