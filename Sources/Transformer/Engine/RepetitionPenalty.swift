/// Makes the tokens that stand in a text less likely to come again (Keskar et al., arXiv:1909.05858).
struct RepetitionPenalty: Sendable {
    private let factor: Float
    private var tokens: Set<TokenID>

    /// A penalty on the tokens of a prompt and on those recorded later; nil for the factor 1, which changes nothing.
    init?(factor: Float, prompt: [TokenID]) {
        guard factor != 1 else { return nil }
        self.factor = factor
        self.tokens = Set(prompt)
    }

    mutating func record(_ token: TokenID) { self.tokens.insert(token) }

    /// Divides the positive logits of the recorded tokens by the factor, and multiplies the others.
    func apply(to logits: UnsafeMutableBufferPointer<Float>) {
        for token in self.tokens {
            let logit = logits[Int(token)]
            logits[Int(token)] = logit < 0 ? logit * self.factor : logit / self.factor
        }
    }
}
