import Foundation
import Testing
import Transformer

@testable import Assistant

@Suite struct EmbeddedModelTests {
    /// Plans and wordings of unseen templates: the tokens of each, and which of them the model has to write, as runs of
    /// a first position and a count.
    private struct Example: Decodable {
        let tokens: [TokenID]
        let targets: [[Int]]

        static func all() throws -> [Example] {
            let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/held-out.json")
            return try JSONDecoder().decode([Example].self, from: Data(contentsOf: file))
        }
    }

    /// The mean of the negative logarithm of the probability of each token that the model has to write.
    private func crossEntropy(_ weights: WeightFormat, on examples: [Example]) async throws -> Double {
        let engine = InferenceEngine(
            model: try LanguageModel.load(path: EmbeddedModel.directory, weights: weights), threads: 2)
        var (sum, count) = (0.0, 0)
        for example in examples {
            let logits = try await engine.logits(example.tokens, all: true)
            for run in example.targets {
                for position in run[0]..<run[0] + run[1] {
                    sum += Self.surprise(logits[position - 1], at: Int(example.tokens[position]))
                    count += 1
                }
            }
        }
        return sum / Double(count)
    }

    private static func surprise(_ logits: [Float], at token: Int) -> Double {
        logits.withUnsafeBufferPointer { logits in
            let peak = logits.max() ?? 0
            var sum = 0.0
            // A loop of its own, since one with closures takes seconds in a debug build.
            var index = 0
            while index < logits.count {
                sum += Double(exp(logits[index] - peak))
                index += 1
            }
            return log(sum) + Double(peak - logits[token])
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `on unseen text the perplexity in 8 bits is within 0.5 % of that in 32, in 4 bits within 4 %`() async throws {
        let examples = try Example.all()
        let exact = try await self.crossEntropy(.f32, on: examples)
        // Far from what a model that has learnt nothing reaches, the logarithm of 4,096.
        #expect(exact < 1)
        for (weights, limit) in [(WeightFormat.q8, 0.005), (.q4, 0.04)] {
            let change = exp(try await self.crossEntropy(weights, on: examples) - exact) - 1
            #expect(change < limit, "\(weights): \(change)")
        }
    }
}
