/// One generation's progress: what was written, and whether it is over.
struct TokenWriter {
    private let request: GenerationRequest
    private let tokenizer: Tokenizer
    private let stopTokens: Set<TokenID>
    private var sampler: TokenSampler
    private var constraint: (any TextConstraint)?
    private var tokens: [TokenID] = []
    private(set) var finish: FinishReason?

    init(_ request: GenerationRequest, _ model: LanguageModel) {
        self.request = request
        self.tokenizer = model.tokenizer
        let ownStops = request.ignoreEndOfSequence ? [] : Set(model.configuration.endOfSequence)
        self.stopTokens = request.stopTokens ?? ownStops
        self.sampler = TokenSampler(request.sampling)
        self.constraint = request.constraint
        if request.maximumNewTokens == 0 { self.finish = .length }
    }

    var isPastDeadline: Bool { self.request.deadline.map { $0 <= .now } ?? false }

    /// Chooses the next token, and returns it when another one is to follow.
    mutating func write(_ logits: UnsafeMutableBufferPointer<Float>) throws(TransformerError) -> TokenID? {
        let mayEnd = self.constraint?.mayEnd ?? true
        let choice = self.sampler.next(logits) { [constraint, stopTokens, tokenizer] token in
            guard let constraint else { return true }
            if stopTokens.contains(token) { return mayEnd }
            let bytes = tokenizer.bytes(of: token)
            return !bytes.isEmpty && !tokenizer.isAdded(token) && constraint.accepts(bytes)
        }
        guard let token = choice else {
            self.finish = .constraintDeadEnd
            return nil
        }
        guard logits[Int(token)].isFinite else {
            throw TransformerError(
                .numericalFailure, "The model's logits are not numbers; its weights do not fit together.")
        }
        guard !self.stopTokens.contains(token) else {
            self.finish = .stop
            return nil
        }
        self.tokens.append(token)
        let bytes = self.tokenizer.bytes(of: token)
        self.constraint?.append(bytes)
        if self.tokens.count == self.request.maximumNewTokens { self.finish = .length }
        return self.finish == nil ? token : nil
    }

    mutating func end(_ reason: FinishReason) { self.finish = reason }

    /// What was written so far; to be asked for when it is over.
    var generation: Generation {
        let stops = self.finish == .stop ? 1 : 0
        return Generation(
            tokens: self.tokens, text: self.tokenizer.decode(self.tokens), finish: self.finish ?? .length,
            usage: TokenUsage(
                promptTokens: self.request.prompt.count, cachedTokens: 0, completionTokens: self.tokens.count + stops))
    }
}
