import Foundation
import Testing

@testable import Transformer

/// What Hugging Face's logits processors make of the same logits; see `Fixtures/make_sampling_fixture.py`.
@Suite struct SamplingFixtureTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        struct Parameters: Decodable, Sendable {
            let temperature, topP, minP, repetitionPenalty: Float?
            let topK: Int?
        }

        let sampling: Parameters
        let prompt: [TokenID]
        let logits: [Float]
        let probabilities: [Double]

        var testDescription: String { "\(self.sampling)" }

        static func all() throws -> [Case] {
            try JSONDecoder().decode(
                [Case].self, from: Data(contentsOf: URL(filePath: Fixture.path("sampling.json"))))
        }
    }

    @Test(arguments: try Case.all())
    func `probabilities are those of the reference's processors`(example: Case) throws {
        let parameters = example.sampling
        let sampling = Sampling.random(
            temperature: parameters.temperature ?? 1, topK: parameters.topK, topP: parameters.topP,
            minP: parameters.minP, repetitionPenalty: parameters.repetitionPenalty ?? 1, seed: 0)
        try sampling.validate()
        var logits = example.logits
        var probabilities = [Double](repeating: 0, count: logits.count)
        logits.withUnsafeMutableBufferPointer { logits in
            RepetitionPenalty(factor: sampling.repetitionPenalty, prompt: example.prompt)?.apply(to: logits)
            let candidates = TokenCandidates(logits, sampling, temperature: sampling.temperature ?? 1)
            let total = candidates.weights.reduce(0, +)
            for (token, weight) in zip(candidates.tokens, candidates.weights) {
                probabilities[Int(token)] = weight / total
            }
        }
        for (token, (own, reference)) in zip(probabilities, example.probabilities).enumerated() {
            #expect((own > 0) == (reference > 0) && abs(own - reference) < 1e-5, "token \(token)")
        }
    }
}
