import Testing

@testable import Transformer

@Suite struct RepetitionPenaltyTests {
    private static func penalized(_ penalty: RepetitionPenalty?, _ logits: [Float]) -> [Float] {
        var logits = logits
        logits.withUnsafeMutableBufferPointer { penalty?.apply(to: $0) }
        return logits
    }

    @Test func `positive logits are divided and negative ones multiplied, once for each token of the text`() {
        var penalty = RepetitionPenalty(factor: 2, prompt: [0, 1, 1, 4])
        #expect(Self.penalized(penalty, [3, -3, 5, -5, 0]) == [1.5, -6, 5, -5, 0])
        penalty?.record(2)
        penalty?.record(2)
        #expect(Self.penalized(penalty, [3, -3, 5, -5, 0]) == [1.5, -6, 2.5, -5, 0])
        #expect(RepetitionPenalty(factor: 1, prompt: [0, 1]) == nil)
    }

    @Test func `a greedy text under a penalty leaves its loop`() throws {
        let model = try TinyCheckpoint.shared.get()
        // Token 9 is always the likeliest, 10 the next, and so on.
        func tokens(_ penalty: Float) throws -> [TokenID] {
            let request = GenerationRequest(
                prompt: [5], maximumNewTokens: 4, sampling: .greedy(repetitionPenalty: penalty), stopTokens: [])
            var writer = TokenWriter(request, model)
            while writer.finish == nil {
                var logits = [Float](repeating: 0, count: 288)
                for (rank, token) in (9..<20).enumerated() { logits[token] = 10 - Float(rank) }
                _ = try logits.withUnsafeMutableBufferPointer { try writer.write($0) }
            }
            return writer.generation.tokens
        }
        #expect(try tokens(1) == [9, 9, 9, 9])
        #expect(try tokens(2) == [9, 10, 11, 12])
        // Ten by 1.2 is 8.3: below 9, and above 8.
        #expect(try tokens(1.2) == [9, 10, 9, 9])
    }
}
