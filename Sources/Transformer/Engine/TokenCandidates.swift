internal import CKernels
import Foundation

/// The tokens that a random choice is among, each with a weight in proportion to its probability.
struct TokenCandidates {
    /// How many of the most likely tokens are put in order first, second and so on, to find those of the largest share.
    private static let steps = [256, 4096, Int.max]

    private(set) var tokens: [TokenID]
    var weights: [Double]

    /// Leaves out what the sampling does: by number, by share of the probability, by distance from the likeliest.
    init(_ logits: UnsafeMutableBufferPointer<Float>, _ sampling: Sampling, temperature: Float) {
        let peak = logits[Int(kernels_argmax(logits.baseAddress, Int32(logits.count)))]
        func weight(_ token: TokenID) -> Double { exp(Double((logits[Int(token)] - peak) / temperature)) }

        self.tokens = []
        self.weights = []
        if let topK = sampling.topK {
            self.tokens = Self.top(topK, of: logits)
            self.weights = self.tokens.map(weight)
            if let topP = sampling.topP { self.keep(share: topP, of: self.weights.reduce(0, +)) }
        } else if let topP = sampling.topP, topP < 1 {
            let total = logits.indices.reduce(0) { $0 + weight(TokenID($1)) }
            for count in Self.steps {
                self.tokens = Self.top(count, of: logits)
                self.weights = self.tokens.map(weight)
                if self.keep(share: topP, of: total) || self.tokens.count == logits.count { break }
            }
        } else {
            self.tokens = logits.indices.map { TokenID($0) }
            self.weights = self.tokens.map(weight)
        }
        if let minP = sampling.minP {
            for index in self.weights.indices where self.weights[index] < Double(minP) { self.weights[index] = 0 }
        }
    }

    /// The token at which the weights so far pass a share of all of them, from 0 up to but not including 1; nil when
    /// every weight is 0.
    func index(atShare share: Double) -> Int? {
        var point = share * self.weights.reduce(0, +)
        return self.weights.firstIndex { weight in
            point -= weight
            return point < 0
        } ?? self.weights.lastIndex { $0 > 0 }
    }

    private static func top(_ count: Int, of logits: UnsafeMutableBufferPointer<Float>) -> [TokenID] {
        let count = min(count, logits.count)
        return [TokenID](unsafeUninitializedCapacity: count) { buffer, initialized in
            kernels_top(logits.baseAddress, Int32(logits.count), Int32(count), buffer.baseAddress)
            initialized = count
        }
    }

    /// Keeps the first tokens until they make up a share of the total, the one that reaches it included.
    ///
    /// - Returns: Whether they do.
    @discardableResult
    private mutating func keep(share: Float, of total: Double) -> Bool {
        var sum = 0.0
        let last = self.weights.firstIndex { weight in
            sum += weight
            return sum >= Double(share) * total
        }
        guard let last else { return false }
        self.tokens.removeSubrange((last + 1)...)
        self.weights.removeSubrange((last + 1)...)
        return true
    }
}
