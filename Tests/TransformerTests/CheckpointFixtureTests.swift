import Testing

@testable import Transformer

@Suite struct CheckpointFixtureTests {
    @Test(arguments: Fixture.checkpoints, [false, true])
    func `logits at every position are those of the reference implementation`(
        name: String, portable: Bool
    ) async throws {
        let expected = try Fixture.Checkpoint(name)
        let reference = try expected.logits(name)
        let model = try LanguageModel.load(directory: Fixture.path(name))
        let engine = InferenceEngine(model: model, kernels: Kernels(threads: 1, portable: portable))
        let logits = try await engine.logits(expected.tokens, all: true)
        try #require(logits.count == reference.count)
        for (row, referenceRow) in zip(logits, reference) { #expect(largestDifference(row, referenceRow) < 1e-3) }
    }

    @Test(arguments: Fixture.checkpoints)
    func `64 greedy tokens are those of the reference implementation`(name: String) async throws {
        let expected = try Fixture.Checkpoint(name)
        let engine = InferenceEngine(model: try LanguageModel.load(directory: Fixture.path(name)), threads: 2)
        let generation = try await engine.generate(
            GenerationRequest(prompt: expected.tokens, maximumNewTokens: 64, ignoreEndOfSequence: true))
        #expect(generation.tokens == expected.greedy)
        #expect(generation.finish == .length)
        #expect(generation.usage == TokenUsage(promptTokens: expected.tokens.count, completionTokens: 64))
    }

    @Test func `weights widened to f32 give the same logits as the bf16 they are stored in`() async throws {
        let name = "llama-gqa-bf16"
        let tokens = try Fixture.Checkpoint(name).tokens
        let stored = InferenceEngine(model: try LanguageModel.load(directory: Fixture.path(name)), threads: 1)
        let widened = InferenceEngine(
            model: try LanguageModel.load(directory: Fixture.path(name), weights: .f32), threads: 1)
        #expect(stored.model.weights == .bf16)
        #expect(widened.model.weights == .f32)
        #expect(try await stored.logits(tokens) == widened.logits(tokens))
    }
}
