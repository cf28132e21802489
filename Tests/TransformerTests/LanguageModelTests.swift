import Foundation
import Testing

@testable import Transformer

@Suite struct LanguageModelTests {
    @Test func `a revision stands for the weights, the tokenizer and the configuration`() throws {
        let revision = try TinyCheckpoint.shared.get().revision
        #expect(revision.count == 16)
        #expect(try TinyCheckpoint().load().revision == revision)
        #expect(try TinyCheckpoint(seed: 8).load().revision != revision)
        var other = TinyCheckpoint()
        other.configuration["rms_norm_eps"] = 1e-6
        #expect(try other.load().revision != revision)
        other = TinyCheckpoint()
        other.tokenizer.merges.removeLast()
        #expect(try other.load().revision != revision)
    }

    @Test func `parameters and memory are counted`() throws {
        let count = TinyCheckpoint.shapes.map { $0.shape.reduce(1, *) }.reduce(0, +)
        let model = try TinyCheckpoint.shared.get()
        #expect(model.parameterCount == count)
        #expect(model.memory == [.f32: 4 * count])
        let narrow = try TinyCheckpoint().load(.bf16)
        let vectors = 5 * 36
        #expect(narrow.memory == [.bf16: 2 * (count - vectors), .f32: 4 * vectors])
        #expect(narrow.weights == .bf16)
    }

    @Test func `weights may be held in another format than they are stored in`() async throws {
        let tokens: [TokenID] = [3, 50, 200, 7]
        let exact = try await InferenceEngine(model: try TinyCheckpoint.shared.get(), threads: 1).logits(tokens)[0]
        for format in [WeightFormat.bf16, .f16] {
            let rounded = try await InferenceEngine(model: try TinyCheckpoint().load(format), threads: 1).logits(
                tokens)[0]
            #expect(rounded != exact)
            #expect(largestDifference(rounded, exact) < (format == .f16 ? 0.02 : 0.2))
        }
    }

    @Test func `a checkpoint without a tokenizer computes on token ids`() async throws {
        let directory = try TemporaryDirectory()
        try TinyCheckpoint().write(to: directory)
        try FileManager.default.removeItem(atPath: "\(directory.path)/tokenizer.json")
        let engine = InferenceEngine(model: try LanguageModel.load(directory: directory.path), threads: 1)
        #expect(!engine.model.hasTokenizer)
        let whole = InferenceEngine(model: try TinyCheckpoint.shared.get(), threads: 1)
        #expect(try await engine.logits([4, 5]) == whole.logits([4, 5]))
        let error = await #expect(throws: TransformerError.self) {
            try await engine.generate(
                GenerationRequest(prompt: engine.model.tokenizer.encode("a"), maximumNewTokens: 1))
        }
        #expect(error?.message.contains("tokenizer.json") == true)
    }

    @Test func `stop tokens of the generation configuration come first`() throws {
        let directory = try TemporaryDirectory()
        try TinyCheckpoint().write(to: directory)
        try directory.write(#"{"eos_token_id": [1, 5], "temperature": 0.6}"#, to: "generation_config.json")
        #expect(try LanguageModel.load(directory: directory.path).configuration.endOfSequence == [1, 5])
    }

    @Test func `a chat template is recognised, or the reason why not is kept`() throws {
        let directory = try TemporaryDirectory()
        try TinyCheckpoint().write(to: directory)
        let error = #expect(throws: TransformerError.self) {
            try LanguageModel.load(path: directory.path).chatTemplate.get()
        }
        #expect(error?.message.contains(directory.path) == true)
        try directory.write("{{ '<|im_start|>' + message.role }}", to: "chat_template.jinja")
        #expect(throws: Never.self) { try LanguageModel.load(path: directory.path).chatTemplate.get() }
    }

    @Test(arguments: [
        RotaryEmbedding.Scaling.none: [1, 0.1],
        .linear(factor: 2): [0.5, 0.05],
        // Wavelengths 6.3 and 63 beside bounds of 16 and 64: the first is kept, the second is blended.
        .llama3(factor: 4, low: 1, high: 4, originalContext: 64): [1, 0.025464791],
    ])
    func `rotary frequencies follow their scaling`(scaling: RotaryEmbedding.Scaling, expected: [Float]) {
        let frequencies = RotaryEmbedding(base: 100, scaling: scaling).frequencies(dimension: 4)
        #expect(largestDifference(frequencies, expected) < 1e-7)
    }
}
