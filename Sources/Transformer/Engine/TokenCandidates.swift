internal import CKernels
import Foundation

/// The tokens that a random choice is among, each with a weight in proportion to its probability.
struct TokenCandidates {
    private(set) var tokens: [TokenID]
    /// 1 for the likeliest.
    var weights: [Double]

    /// Leaves out what the sampling does: by number, by share of the probability, by distance from the likeliest.
    init(_ logits: UnsafeMutableBufferPointer<Float>, _ sampling: Sampling, temperature: Float) {
        let peak = logits[Int(kernels_argmax(logits.baseAddress, Int32(logits.count)))]
        func depth(_ token: TokenID) -> Float { (peak - logits[Int(token)]) / temperature }

        if let topK = sampling.topK {
            self.tokens = Self.top(min(topK, logits.count), of: logits)
            self.weights = self.tokens.map { exp(-Double(depth($0))) }
            if let topP = sampling.topP { self.keepFirst(share: Double(topP)) }
        } else {
            self.tokens = logits.indices.map { TokenID($0) }
            self.weights = self.tokens.map { exp(-Double(depth($0))) }
            if let topP = sampling.topP, topP < 1 { self.keepLikeliest(share: Double(topP), depth: depth) }
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
        [TokenID](unsafeUninitializedCapacity: count) { buffer, initialized in
            kernels_top(logits.baseAddress, Int32(logits.count), Int32(count), buffer.baseAddress)
            initialized = count
        }
    }

    /// Of tokens in falling order, keeps the first until they make up a share of all, the one that reaches it included.
    private mutating func keepFirst(share: Double) {
        let target = share * self.weights.reduce(0, +)
        var sum = 0.0
        let last = self.weights.firstIndex { weight in
            sum += weight
            return sum >= target
        }
        guard let last else { return }
        self.tokens.removeSubrange((last + 1)...)
        self.weights.removeSubrange((last + 1)...)
    }

    /// Keeps the fewest likeliest tokens that make up a share of all.
    ///
    /// The tokens are told apart by how deep they lie below the likeliest, in narrow layers; only those of the layer in
    /// which the share is reached have to be sorted.
    private mutating func keepLikeliest(share: Double, depth: (TokenID) -> Float) {
        let target = share * self.weights.reduce(0, +)
        guard target.isFinite else { return }
        func layer(_ token: TokenID) -> Int { Int(min(depth(token) * Self.layersPerUnit, Float(Self.layers - 1))) }
        var sums = [Double](repeating: 0, count: Self.layers)
        for (token, weight) in zip(self.tokens, self.weights) { sums[layer(token)] += weight }
        var sum = 0.0
        let last = sums.firstIndex { layerSum in
            guard sum + layerSum < target else { return true }
            sum += layerSum
            return false
        }
        guard let last else { return }
        let (tokens, weights) = (self.tokens, self.weights)
        var border: [Int] = []
        for index in tokens.indices {
            let layer = layer(tokens[index])
            if layer == last { border.append(index) }
            if layer >= last { self.weights[index] = 0 }
        }
        border.sort { (depth(tokens[$0]), $0) < (depth(tokens[$1]), $1) }
        for index in border where sum < target {
            self.weights[index] = weights[index]
            sum += weights[index]
        }
    }

    private static let layers = 2048
    /// For temperatures' natural logarithms; what lies 32 of them deep has no weight to speak of.
    private static let layersPerUnit: Float = 64
}
