/// What a what-if finds of one message, the mildest first.
public enum WhatIfVerdict: String, Sendable, Hashable, CaseIterable {
    /// The same status, plan, facts and words.
    case same
    /// There was no answer and now there is.
    case answered
    /// The same facts in other words, another language or with other disclosures.
    case wording
    /// The same plan with other facts: figures or what they are read from.
    case figures
    case plan
    case status
    /// There was an answer and now there is none, or only a question back.
    case worse
    /// It could not be tried.
    case untried

    public var meaning: String {
        switch self {
        case .same: "same"
        case .answered: "answered now"
        case .wording: "wording changed"
        case .figures: "figures changed"
        case .plan: "plan changed"
        case .status: "status changed"
        case .worse: "worse"
        case .untried: "not tried"
        }
    }
}

/// What a release may not change.
public enum WhatIfGate: String, Sendable, CaseIterable {
    /// No figure, and nothing graver.
    case figures
    /// No plan, and nothing graver.
    case plan
    /// No status for another or for a worse one.
    case status
    /// Nothing at all.
    case any

    /// Whether a message with this verdict is let through. What could not be tried never is: nothing is known of it.
    public func passes(_ verdict: WhatIfVerdict) -> Bool {
        switch verdict {
        case .same: true
        case .answered, .wording: self != .any
        case .figures: self == .plan || self == .status
        case .plan: self == .status
        case .status, .worse, .untried: false
        }
    }
}
