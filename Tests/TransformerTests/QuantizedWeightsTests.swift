import Synchronization
import Testing

@testable import Transformer

@Suite struct QuantizedWeightsTests {
    @Test(arguments: Fixture.checkpoints, [(WeightFormat.q8, 0.05), (.q4, 0.5)])
    func `logits from quantised weights are near the reference`(
        name: String, quantised: (format: WeightFormat, tolerance: Double)
    ) async throws {
        let expected = try Fixture.Checkpoint(name)
        let model = try LanguageModel.load(path: Fixture.path(name), weights: quantised.format)
        #expect(model.weights == quantised.format)
        let logits = try await InferenceEngine(model: model, threads: 1).logits(expected.tokens, all: true)
        let error = try relativeError(logits, expected.logits(name))
        #expect(error < quantised.tolerance)
        #expect(error > 0)
    }

    @Test func `in q4 the embedding and the output head have 8 bits`() throws {
        let model = try LanguageModel.load(path: Fixture.path("llama-gqa-f32"), weights: .q4)
        #expect(model.parameters.embedding.format == .q8)
        #expect(model.parameters.head.format == .q8)
        #expect(model.parameters.layers.allSatisfy { $0.query.matrix.format == .q4 })
    }

    @Test func `progress is heard up to the end`() throws {
        let heard = Mutex<[Double]>([])
        _ = try LanguageModel.load(path: Fixture.path("llama-gqa-f32"), weights: .q8) { fraction in
            heard.withLock { $0.append(fraction) }
        }
        let fractions = heard.withLock { $0 }
        #expect(fractions == fractions.sorted())
        #expect(fractions.count > 20)
        #expect(fractions.last == 1)
    }
}
