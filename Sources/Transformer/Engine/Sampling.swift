/// How the next token is chosen from the model's logits.
public enum Sampling: Sendable, Hashable {
    /// The most likely token; of equals the one with the lower id.
    case greedy
    /// A random one: logits divided by the temperature, then only the `topK` most likely, then the fewest most likely
    /// whose probabilities reach `topP` together. The same seed gives the same tokens.
    case random(temperature: Float, topK: Int? = nil, topP: Float? = nil, seed: UInt64)

    func validate() throws(TransformerError) {
        guard case .random(let temperature, let topK, let topP, _) = self else { return }
        guard temperature > 0, temperature.isFinite else {
            throw TransformerError(.invalidRequest, "The temperature must be above 0; greedy is a choice of its own.")
        }
        guard topK.map({ $0 >= 1 }) ?? true else {
            throw TransformerError(.invalidRequest, "topK must be at least 1.")
        }
        guard topP.map({ $0 > 0 && $0 <= 1 }) ?? true else {
            throw TransformerError(.invalidRequest, "topP must be above 0 and at most 1.")
        }
    }
}
