internal import CKernels
import Foundation

/// Chooses tokens from logits, asking of each choice whether it is allowed.
struct TokenSampler: Sendable {
    /// After so many refused draws, what is not allowed is taken out all at once.
    private static let patience = 8

    private let sampling: Sampling
    private var generator: SplitMix64

    init(_ sampling: Sampling) {
        self.sampling = sampling
        self.generator = SplitMix64(seed: sampling.seed)
    }

    /// The next token; nil when none is allowed.
    mutating func next(
        _ logits: UnsafeMutableBufferPointer<Float>, isAllowed: (TokenID) -> Bool
    ) -> TokenID? {
        if let temperature = self.sampling.temperature {
            var candidates = TokenCandidates(logits, self.sampling, temperature: temperature)
            if let token = self.draw(from: &candidates, isAllowed: isAllowed) { return token }
        }
        return Self.mostLikely(logits, isAllowed: isAllowed)
    }

    /// The allowed token with the largest logit, the first of equals; NaN counts as the smallest.
    ///
    /// Only a token that beats the best one so far is asked about: few are, and none has to be sorted.
    private static func mostLikely(
        _ logits: UnsafeMutableBufferPointer<Float>, isAllowed: (TokenID) -> Bool
    ) -> TokenID? {
        let first = kernels_argmax(logits.baseAddress, Int32(logits.count))
        if isAllowed(first) { return first }
        var best: TokenID?
        var peak = -Float.infinity
        for index in logits.indices where logits[index] > peak || best == nil {
            let token = TokenID(index)
            guard token != first, isAllowed(token) else { continue }
            best = token
            peak = logits[index].isNaN ? -.infinity : logits[index]
        }
        return best
    }

    /// Draws until an allowed token comes, each refused one taken out: as drawing from the allowed ones alone.
    private mutating func draw(from candidates: inout TokenCandidates, isAllowed: (TokenID) -> Bool) -> TokenID? {
        var refusals = 0
        while let index = candidates.index(atShare: self.generator.nextFraction()) {
            if isAllowed(candidates.tokens[index]) { return candidates.tokens[index] }
            candidates.weights[index] = 0
            refusals += 1
            guard refusals == Self.patience else { continue }
            for other in candidates.tokens.indices where candidates.weights[other] > 0 {
                if !isAllowed(candidates.tokens[other]) { candidates.weights[other] = 0 }
            }
        }
        return nil
    }
}
