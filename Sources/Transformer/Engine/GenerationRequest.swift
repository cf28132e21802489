/// A prompt and how to go on from it.
public struct GenerationRequest: Sendable {
    public var prompt: [TokenID]
    public var maximumNewTokens: Int
    public var sampling: Sampling
    /// The tokens that end the text; nil for the model's own.
    public var stopTokens: Set<TokenID>?
    /// Texts that end the answer where the first of them begins, wherever tokens begin and end.
    public var stopStrings: [String]
    /// Goes on after the model's own stop tokens as after any other.
    public var ignoreEndOfSequence: Bool
    /// What may be written; control tokens never are, and a stop token only where the constraint lets the text end.
    public var constraint: (any TextConstraint)?
    /// When to stop with what there is by then.
    public var deadline: ContinuousClock.Instant?
    /// How many first tokens of the prompt are the same for everybody, and may be computed once for all requests.
    public var sharedPrefix: Int
    /// Whose request it is: what is computed for it is kept for later ones of the same owner only; nil keeps nothing.
    public var cacheOwner: String?
    /// Whether tokens that are likely to follow may be computed ahead, which never changes what is written.
    public var speculation: Bool

    public init(
        prompt: [TokenID], maximumNewTokens: Int, sampling: Sampling = .greedy, stopTokens: Set<TokenID>? = nil,
        stopStrings: [String] = [], ignoreEndOfSequence: Bool = false, constraint: (any TextConstraint)? = nil,
        deadline: ContinuousClock.Instant? = nil, sharedPrefix: Int = 0, cacheOwner: String? = nil,
        speculation: Bool = true
    ) {
        self.prompt = prompt
        self.maximumNewTokens = maximumNewTokens
        self.sampling = sampling
        self.stopTokens = stopTokens
        self.stopStrings = stopStrings
        self.ignoreEndOfSequence = ignoreEndOfSequence
        self.constraint = constraint
        self.deadline = deadline
        self.sharedPrefix = sharedPrefix
        self.cacheOwner = cacheOwner
        self.speculation = speculation
    }

    func validate(for model: LanguageModel) throws(TransformerError) {
        guard !self.prompt.isEmpty else {
            let cure = model.hasTokenizer ? "" : " This checkpoint has no tokenizer.json; give token ids."
            throw TransformerError(.invalidRequest, "The prompt has no token.\(cure)")
        }
        guard self.maximumNewTokens >= 0 else {
            throw TransformerError(.invalidRequest, "maximumNewTokens must not be negative.")
        }
        guard (0...self.prompt.count).contains(self.sharedPrefix) else {
            throw TransformerError(.invalidRequest, "sharedPrefix must be from 0 to the prompt's number of tokens.")
        }
        guard !self.stopStrings.contains("") else {
            throw TransformerError(.invalidRequest, "A stop string must not be empty.")
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
