import Foundation
import Testing

@testable import Transformer

@Suite struct SamplingTests {
    /// How often each token is drawn from these logits in 4,000 draws.
    private static func counts(
        _ logits: [Float], _ sampling: Sampling, isAllowed: (TokenID) -> Bool = { _ in true }
    ) -> [Int] {
        var sampler = TokenSampler(sampling)
        var counts = [Int](repeating: 0, count: logits.count)
        for _ in 0..<4000 {
            var row = logits
            let token = row.withUnsafeMutableBufferPointer { sampler.next($0, isAllowed: isAllowed) }
            if let token { counts[Int(token)] += 1 }
        }
        return counts
    }

    /// ln of 1, 2, 3, 4: probabilities of one to four tenths.
    private static let logits: [Float] = [0, 0.6931472, 1.0986123, 1.3862944]

    @Test func `tokens are drawn in proportion to their probabilities`() {
        let counts = Self.counts(Self.logits, .random(temperature: 1, seed: 3))
        for (count, tenths) in zip(counts, 1...) { #expect(abs(count - 400 * tenths) < 120, "\(counts)") }
    }

    @Test func `a low temperature favours the likely`() {
        let counts = Self.counts(Self.logits, .random(temperature: 0.5, seed: 3))
        // Squares: 1, 4, 9, 16 of 30.
        for (count, share) in zip(counts, [133, 533, 1200, 2133]) { #expect(abs(count - share) < 120, "\(counts)") }
    }

    @Test func `topK and topP leave the unlikely out`() {
        let two = Self.counts(Self.logits, .random(temperature: 1, topK: 2, seed: 4))
        #expect(two[0] + two[1] == 0 && two[2] > 1000 && two[3] > 1000)
        let half = Self.counts(Self.logits, .random(temperature: 1, topP: 0.5, seed: 4))
        #expect(half[0] + half[1] == 0 && half[2] > 1000)
        let tenth = Self.counts(Self.logits, .random(temperature: 1, topP: 0.1, seed: 4))
        #expect(tenth[3] == 4000)
    }

    @Test(arguments: [3, 100, 5000], [0.01, 0.5, 0.9, 0.999] as [Float])
    func `the kept share is that of the likeliest, in whatever order they stand`(count: Int, share: Float) {
        var generator = SplitMix64(seed: UInt64(count))
        // Few distinct values, so that there are equals, of which the first are kept.
        for spread in [0, 3, 40] as [Float] {
            var logits = (0..<count).map { _ in Float(generator.next() % 500) / 500 * spread }
            let weights = logits.map { exp(Double($0)) }
            let order = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }
            let target = Double(share) * weights.reduce(0, +)
            var (sum, kept) = (0.0, Set<Int>())
            for index in order where sum < target * (1 - 1e-12) {
                kept.insert(index)
                sum += weights[index]
            }
            let own = logits.withUnsafeMutableBufferPointer { logits in
                let sampling = Sampling.random(temperature: 1, topP: share, seed: 0)
                let candidates = TokenCandidates(logits, sampling, temperature: 1)
                return Set(candidates.tokens.indices.filter { candidates.weights[$0] > 0 })
            }
            #expect(own.count == kept.count || abs(sum - target) < 1e-6 * target)
            #expect(own.isSubset(of: kept) || kept.isSubset(of: own))
        }
    }

    @Test func `what is not allowed leaves the others' proportions as they are`() {
        let counts = Self.counts(Self.logits, .random(temperature: 1, seed: 5)) { $0 != 3 }
        for (count, share) in zip(counts, [667, 1333, 2000, 0]) { #expect(abs(count - share) < 120, "\(counts)") }
        let beyond = Self.counts(Self.logits, .random(temperature: 1, topK: 1, seed: 5)) { $0 == 1 }
        #expect(beyond == [0, 4000, 0, 0])
        #expect(Self.counts(Self.logits, .random(temperature: 1, seed: 5)) { _ in false } == [0, 0, 0, 0])
    }

    @Test func `greedy takes the lowest id of equals and walks down to what is allowed`() {
        var row: [Float] = [1, 5, 5, 3] + [Float](repeating: 0, count: 200) + [-4]
        var sampler = TokenSampler(.greedy)
        row.withUnsafeMutableBufferPointer { logits in
            #expect(sampler.next(logits) { _ in true } == 1)
            #expect(sampler.next(logits) { $0 != 1 } == 2)
            #expect(sampler.next(logits) { $0 != 1 && $0 != 2 } == 3)
            #expect(sampler.next(logits) { $0 > 100 } == 101)
            #expect(sampler.next(logits) { $0 == 204 } == 204)
            #expect(sampler.next(logits) { _ in false } == nil)
        }
    }

    @Test func `a seed gives its own tokens, and the same ones again`() async throws {
        let engine = InferenceEngine(model: try TinyCheckpoint.shared.get(), threads: 1)
        func tokens(seed: UInt64) async throws -> [TokenID] {
            let sampling = Sampling.random(temperature: 1, topK: 50, topP: 0.95, seed: seed)
            return try await engine.generate(
                GenerationRequest(
                    prompt: [9, 30, 77], maximumNewTokens: 24, sampling: sampling, ignoreEndOfSequence: true)
            ).tokens
        }
        let first = try await tokens(seed: 1)
        #expect(try await tokens(seed: 1) == first)
        #expect(try await tokens(seed: 2) != first)
    }
}
