public import TellerMessages

/// What tells an answer from the one that was given before.
public struct AnswerDifference: Sendable, Hashable {
    /// What became of the request before.
    public struct Earlier: Sendable, Hashable {
        public let status: ChatAnswer.Status
        /// The answer in full, where one was recorded.
        public let answer: ChatAnswer?

        public init(_ answer: ChatAnswer) {
            self.status = answer.status
            self.answer = answer
        }

        /// It was given up without a recorded answer.
        public static let givenUp = Earlier(status: .failed, answer: nil)

        private init(status: ChatAnswer.Status, answer: ChatAnswer?) {
            self.status = status
            self.answer = answer
        }
    }

    public let earlier: Earlier
    public let new: ChatAnswer
    /// What differs between the facts; all of the new ones where no earlier answer is known in full.
    public let facts: [FactDifference]
    public let addedDisclosures: [String]
    public let removedDisclosures: [String]
    public let words: WordDifference

    public init(from earlier: Earlier, to new: ChatAnswer) {
        let old = earlier.answer
        self.earlier = earlier
        self.new = new
        self.facts = FactDifference.between(old?.facts ?? [], new.facts)
        self.addedDisclosures = new.disclosures.filter { !(old?.disclosures.contains($0) ?? false) }
        self.removedDisclosures = old?.disclosures.filter { !new.disclosures.contains($0) } ?? []
        self.words = WordDifference(from: old?.text ?? "", to: new.text)
    }

    public var statusChanged: Bool { self.earlier.status != self.new.status }
    public var planChanged: Bool { self.earlier.answer?.plan != self.new.plan }
    public var toolChanged: Bool { self.earlier.answer?.plan?.tool != self.new.plan?.tool }
    public var figuresChanged: Bool { !self.facts.isEmpty }
    public var languageChanged: Bool { self.earlier.answer.map { $0.language != self.new.language } ?? false }
    public var wordingChanged: Bool {
        !self.words.isEmpty || self.languageChanged || !self.addedDisclosures.isEmpty || !self.removedDisclosures.isEmpty
    }

    /// The names of the plan's arguments whose values differ.
    public var changedArguments: [String] {
        let old = self.earlier.answer?.plan?.arguments ?? JSONObject()
        let new = self.new.plan?.arguments ?? JSONObject()
        return Set(old.names).union(new.names).filter { old[$0] != new[$0] }.sorted()
    }

    public var verdict: WhatIfVerdict {
        if self.earlier.status != .answered, self.new.status == .answered { return .answered }
        if self.isWorse { return .worse }
        if self.statusChanged { return .status }
        // Beside the same refusal there are no plans to compare.
        guard self.new.status == .answered else {
            return self.earlier.answer?.problem?.type == self.new.problem?.type || self.earlier.answer == nil ? .same : .status
        }
        if self.planChanged { return .plan }
        if self.figuresChanged { return .figures }
        return self.wordingChanged ? .wording : .same
    }

    /// Whether the customer had an answer and would get none, or be asked back or passed on instead.
    private var isWorse: Bool {
        guard self.earlier.status == .answered else { return false }
        if self.new.status != .answered { return true }
        let evasions = ["clarify", "handoff"]
        let old = self.earlier.answer?.plan?.tool ?? ""
        let new = self.new.plan?.tool ?? ""
        return evasions.contains(new) && !evasions.contains(old)
    }
}
