/// One generation's progress: what was written, what may follow, and whether it is over.
struct TokenWriter {
    /// How many bytes ahead the text is followed where there is one way on.
    private static let longestForcedText = 64

    private let request: GenerationRequest
    private let tokenizer: Tokenizer
    private let stopTokens: [TokenID]
    private var sampler: TokenSampler
    private var penalty: RepetitionPenalty?
    private var constraint: (any TextConstraint)?
    private var lookup: PromptLookup?
    private var tokens: [TokenID] = []
    private var written: WrittenText
    private(set) var finish: FinishReason?
    /// How many tokens of the prompt were not computed again, for the report.
    var cachedTokens = 0

    init(_ request: GenerationRequest, _ model: LanguageModel) {
        self.request = request
        self.tokenizer = model.tokenizer
        let ownStops = request.ignoreEndOfSequence ? [] : model.configuration.endOfSequence
        self.stopTokens = request.stopTokens.map { Array($0) } ?? ownStops
        self.sampler = TokenSampler(request.sampling)
        self.penalty = RepetitionPenalty(factor: request.sampling.repetitionPenalty, prompt: request.prompt)
        self.constraint = request.constraint
        self.lookup = request.speculation ? PromptLookup(request.prompt, room: request.maximumNewTokens) : nil
        self.written = WrittenText(stopStrings: request.stopStrings)
        if request.maximumNewTokens == 0 { self.end(.length) }
    }

    var isPastDeadline: Bool { self.request.deadline.map { $0 <= .now } ?? false }

    /// Chooses the next token, and returns it when another one is to follow.
    ///
    /// - Parameter logits: One number for each token of the vocabulary; the repetition penalty changes them.
    mutating func write(_ logits: UnsafeMutableBufferPointer<Float>) throws(TransformerError) -> TokenID? {
        self.penalty?.apply(to: logits)
        guard let token = self.choose(logits) else {
            self.end(.constraintDeadEnd)
            return nil
        }
        guard logits[Int(token)].isFinite else {
            throw TransformerError(
                .numericalFailure, "The model's logits are not numbers; its weights do not fit together.")
        }
        guard !self.stopTokens.contains(token) else {
            self.end(.stop)
            return nil
        }
        self.append(token)
        return self.finish == nil ? token : nil
    }

    /// Tokens that are likely to follow, for a step that computes them all and then keeps those that do.
    ///
    /// - Parameters:
    ///   - maximum: The most that the step has room for.
    ///   - leastChance: What one more token costs, as a share of a step: one that is less likely to be kept is not
    ///     worth it.
    func drafts(maximum: Int, leastChance: Double = 0.3) -> [TokenID] {
        let room = min(maximum, self.request.maximumNewTokens - self.tokens.count - 1)
        guard self.finish == nil, room > 0, let lookup = self.lookup else { return [] }
        let forced = self.constraint?.forcedText(limit: Self.longestForcedText) ?? ""
        guard !forced.isEmpty else {
            return self.admissible(lookup.proposal(maximum: room, leastChance: leastChance)[...])
        }
        // The last token may well be a longer one that goes on where more than one way is open.
        var tokens: [TokenID] = []
        self.tokenizer.encode(forced, isFirst: false, into: &tokens)
        return self.admissible(tokens.prefix(min(room, max(1, tokens.count - 1))))
    }

    mutating func end(_ reason: FinishReason) {
        self.finish = reason
        self.written.close()
    }

    /// The text that was completed since the last call: whole characters, and nothing that may turn out to begin a
    /// stop string.
    mutating func takeText() -> String { self.written.take() }

    /// What was written so far; to be asked for when it is over.
    var generation: Generation {
        let stops = self.finish == .stop ? 1 : 0
        return Generation(
            tokens: self.tokens, text: self.written.text, finish: self.finish ?? .length,
            usage: TokenUsage(
                promptTokens: self.request.prompt.count, cachedTokens: self.cachedTokens,
                completionTokens: self.tokens.count + stops))
    }

    // MARK: - One token

    private mutating func choose(_ logits: UnsafeMutableBufferPointer<Float>) -> TokenID? {
        guard let constraint = self.constraint else { return self.sampler.next(logits) { _ in true } }
        var filter = TokenFilter(constraint, self.tokenizer, stopTokens: self.stopTokens)
        return self.sampler.next(logits) { filter.allows($0) }
    }

    private mutating func append(_ token: TokenID) {
        let bytes = self.tokenizer.bytes(of: token)
        self.tokens.append(token)
        self.penalty?.record(token)
        self.lookup?.append(token)
        self.constraint?.append(bytes)
        if self.written.append(bytes) {
            self.end(.stopString)
        } else if self.tokens.count == self.request.maximumNewTokens {
            self.end(.length)
        }
    }

    /// The first of these tokens, up to one that would not be written.
    private func admissible(_ draft: ArraySlice<TokenID>) -> [TokenID] {
        var constraint = self.constraint
        let end = draft.firstIndex { token in
            if self.stopTokens.contains(token) { return true }
            guard constraint != nil else { return false }
            let bytes = self.tokenizer.bytes(of: token)
            guard !bytes.isEmpty, !self.tokenizer.isAdded(token), constraint?.accepts(bytes) ?? true else {
                return true
            }
            constraint?.append(bytes)
            return false
        }
        return Array(draft[..<(end ?? draft.endIndex)])
    }
}
