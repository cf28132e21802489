/// A prompt and how to go on from it.
public struct GenerationRequest: Sendable {
    public var prompt: [TokenID]
    public var maximumNewTokens: Int
    public var sampling: Sampling
    /// The tokens that end the text; nil for the model's own.
    public var stopTokens: Set<TokenID>?
    /// Goes on after the model's own stop tokens as after any other.
    public var ignoreEndOfSequence: Bool
    /// What may be written; control tokens never are, and a stop token only where the constraint lets the text end.
    public var constraint: (any TextConstraint)?
    /// When to stop with what there is by then.
    public var deadline: ContinuousClock.Instant?

    public init(
        prompt: [TokenID], maximumNewTokens: Int, sampling: Sampling = .greedy, stopTokens: Set<TokenID>? = nil,
        ignoreEndOfSequence: Bool = false, constraint: (any TextConstraint)? = nil,
        deadline: ContinuousClock.Instant? = nil
    ) {
        self.prompt = prompt
        self.maximumNewTokens = maximumNewTokens
        self.sampling = sampling
        self.stopTokens = stopTokens
        self.ignoreEndOfSequence = ignoreEndOfSequence
        self.constraint = constraint
        self.deadline = deadline
    }

    func validate(for model: LanguageModel) throws(TransformerError) {
        guard !self.prompt.isEmpty else {
            let cure = model.hasTokenizer ? "" : " This checkpoint has no tokenizer.json; give token ids."
            throw TransformerError(.invalidRequest, "The prompt has no token.\(cure)")
        }
        guard self.maximumNewTokens >= 0 else {
            throw TransformerError(.invalidRequest, "maximumNewTokens must not be negative.")
        }
        try model.configuration.validate(self.prompt, newTokens: self.maximumNewTokens)
        try self.sampling.validate()
    }
}

extension ModelConfiguration {
    /// Checks that tokens are of the vocabulary and fit the context together with those to come.
    func validate(_ tokens: [TokenID], newTokens: Int) throws(TransformerError) {
        if let token = tokens.first(where: { $0 < 0 || Int($0) >= self.vocabularySize }) {
            throw TransformerError(
                .invalidRequest, "Token \(token) is outside the vocabulary of \(self.vocabularySize).")
        }
        let (total, overflow) = tokens.count.addingReportingOverflow(newTokens)
        guard !overflow, total <= self.contextLength else {
            throw TransformerError(
                .contextExceeded,
                "\(tokens.count) prompt tokens and \(newTokens) new ones exceed the context of "
                    + "\(self.contextLength); shorten the prompt or ask for fewer.")
        }
    }
}
