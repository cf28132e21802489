internal import CKernels
import Foundation

/// Chooses tokens from logits, asking of each choice whether it is allowed.
struct TokenSampler: Sendable {
    private let sampling: Sampling
    private var generator: SplitMix64

    init(_ sampling: Sampling) {
        self.sampling = sampling
        if case .random(_, _, _, let seed) = sampling {
            self.generator = SplitMix64(seed: seed)
        } else {
            self.generator = SplitMix64(seed: 0)
        }
    }

    /// The next token; nil when none is allowed.
    mutating func next(
        _ logits: UnsafeMutableBufferPointer<Float>, isAllowed: (TokenID) -> Bool
    ) -> TokenID? {
        switch self.sampling {
        case .greedy: return Self.mostLikely(logits, isAllowed: isAllowed)
        case .random(let temperature, let topK, let topP, _):
            let candidates = Self.top(min(topK ?? logits.count, logits.count), of: logits)
            let token = self.draw(candidates, logits, temperature, topP, isAllowed: isAllowed)
            return token ?? Self.mostLikely(logits, isAllowed: isAllowed)
        }
    }

    /// Walks the tokens in falling order of their logits.
    private static func mostLikely(
        _ logits: UnsafeMutableBufferPointer<Float>, isAllowed: (TokenID) -> Bool
    ) -> TokenID? {
        let first = kernels_argmax(logits.baseAddress, Int32(logits.count))
        if isAllowed(first) { return first }
        // Under a constraint the choice is most often among the first few; only rarely is a full order worth its cost.
        var walked = 1
        for count in [64, logits.count] where walked < logits.count {
            let candidates = self.top(min(count, logits.count), of: logits)
            if let token = candidates.dropFirst(walked).first(where: isAllowed) { return token }
            walked = candidates.count
        }
        return nil
    }

    private static func top(_ count: Int, of logits: UnsafeMutableBufferPointer<Float>) -> [TokenID] {
        [TokenID](unsafeUninitializedCapacity: count) { buffer, initialized in
            kernels_top(logits.baseAddress, Int32(logits.count), Int32(count), buffer.baseAddress)
            initialized = count
        }
    }

    /// Draws until an allowed token comes, each refused one taken out: as drawing from the allowed ones alone.
    private mutating func draw(
        _ candidates: [TokenID], _ logits: UnsafeMutableBufferPointer<Float>, _ temperature: Float, _ topP: Float?,
        isAllowed: (TokenID) -> Bool
    ) -> TokenID? {
        let peak = logits[Int(candidates[0])]
        var weights = candidates.map { exp(Double((logits[Int($0)] - peak) / temperature)) }
        if let topP { Self.truncate(&weights, to: Double(topP)) }
        var total = weights.reduce(0, +)
        while total > 0 {
            var point = self.generator.nextFraction() * total
            guard let last = weights.lastIndex(where: { $0 > 0 }) else { return nil }
            let choice = weights.indices.first { index in
                point -= weights[index]
                return point < 0
            }
            let index = choice ?? last
            if isAllowed(candidates[index]) { return candidates[index] }
            weights[index] = 0
            total = weights.reduce(0, +)
        }
        return nil
    }

    /// Keeps the first weights until they make up the share, the one that reaches it included.
    private static func truncate(_ weights: inout [Double], to share: Double) {
        let limit = share * weights.reduce(0, +)
        var sum = 0.0
        let count = weights.firstIndex { weight in
            sum += weight
            return sum >= limit
        }
        if let count { weights.removeSubrange((count + 1)...) }
    }
}
