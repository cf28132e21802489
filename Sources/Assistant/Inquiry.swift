public import Foundation
public import Ledger
public import TellerMessages

/// One question to be answered, with all that is known of it beside who asks.
public struct Inquiry: Sendable {
    /// The customer's text, in NFC.
    public var question: String
    public var language: Language
    /// The plan of the conversation's previous turn.
    public var previousPlan: ToolCall?
    /// A plan that came with the request, which is validated and used as it is.
    public var givenPlan: ToolCall?
    /// Whether to word the answer without inference.
    public var plainWording: Bool
    /// The account that the question is about, when the request names one.
    public var accountID: String?
    /// The moment of the question, from which periods are counted.
    public var now: Date
    /// The moment whose ledger the answer is read from.
    public var ledgerMoment: LedgerMoment
    /// When inference has to be over.
    public var deadline: ContinuousClock.Instant?
    /// Whose question it is: what inference computes for it is used again for the same owner only; nil keeps nothing.
    public var owner: String?

    public init(
        question: String, language: Language, previousPlan: ToolCall? = nil, givenPlan: ToolCall? = nil,
        plainWording: Bool = false, accountID: String? = nil, now: Date, ledgerMoment: LedgerMoment = .latest,
        deadline: ContinuousClock.Instant? = nil, owner: String? = nil
    ) {
        self.question = question
        self.language = language
        self.previousPlan = previousPlan
        self.givenPlan = givenPlan
        self.plainWording = plainWording
        self.accountID = accountID
        self.now = now
        self.ledgerMoment = ledgerMoment
        self.deadline = deadline
        self.owner = owner
    }
}
