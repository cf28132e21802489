/// How the next token is chosen from the model's logits.
///
/// The steps, in this order: the repetition penalty; division by the temperature; only the `topK` most likely; of those
/// the fewest most likely whose probabilities reach `topP` together; of those the ones at least `minP` times as likely
/// as the likeliest; a constraint; a draw. Each is what the processor of the same name does in Hugging Face
/// `transformers`, except that `topK` keeps no more than K where logits are equal.
public struct Sampling: Sendable, Hashable {
    /// What logits are divided by before a random choice; nil for the most likely token, of equals the one with the
    /// lower id.
    public var temperature: Float?
    public var topK: Int?
    public var topP: Float?
    public var minP: Float?
    /// What the logit of a token that stands in the prompt or was written already is divided by when it is positive,
    /// and multiplied by when it is negative (Keskar et al., arXiv:1909.05858); 1 changes nothing.
    public var repetitionPenalty: Float
    /// The same seed gives the same tokens, whatever else the engine computes.
    public var seed: UInt64

    /// The most likely token.
    public static let greedy = Self.greedy(repetitionPenalty: 1)

    /// The most likely token after the penalty.
    public static func greedy(repetitionPenalty: Float) -> Self {
        Self(
            temperature: nil, topK: nil, topP: nil, minP: nil, repetitionPenalty: repetitionPenalty, seed: 0)
    }

    /// A random token.
    public static func random(
        temperature: Float, topK: Int? = nil, topP: Float? = nil, minP: Float? = nil, repetitionPenalty: Float = 1,
        seed: UInt64
    ) -> Self {
        Self(
            temperature: temperature, topK: topK, topP: topP, minP: minP, repetitionPenalty: repetitionPenalty,
            seed: seed)
    }

    func validate() throws(TransformerError) {
        func require(_ condition: Bool, _ message: String) throws(TransformerError) {
            guard condition else { throw TransformerError(.invalidRequest, message) }
        }
        try require(
            self.temperature.map { $0 > 0 && $0.isFinite } ?? true,
            "The temperature must be above 0; greedy is a choice of its own.")
        try require(self.topK.map { $0 >= 1 } ?? true, "topK must be at least 1.")
        try require(self.topP.map { $0 > 0 && $0 <= 1 } ?? true, "topP must be above 0 and at most 1.")
        try require(self.minP.map { $0 >= 0 && $0 <= 1 } ?? true, "minP must be from 0 to 1.")
        try require(
            self.repetitionPenalty > 0 && self.repetitionPenalty.isFinite, "The repetition penalty must be above 0.")
    }
}
