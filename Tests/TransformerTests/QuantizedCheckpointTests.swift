import Foundation
import Testing

@testable import Transformer

@Suite struct QuantizedCheckpointTests {
    @Test(arguments: Fixture.checkpoints, [WeightFormat.q8, .q4])
    func `a checkpoint quantised ahead of time computes what one quantised on load does`(
        name: String, format: WeightFormat
    ) async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/packed"
        try QuantizedCheckpoint.write(from: Fixture.path(name), to: path, weights: format)
        let packed = try LanguageModel.load(path: path)
        let loaded = try LanguageModel.load(path: Fixture.path(name), weights: format)
        #expect(packed.weights == format)
        #expect(packed.memory == loaded.memory)
        #expect(packed.parameterCount == loaded.parameterCount)
        let tokens = try Fixture.Checkpoint(name).tokens
        let logits = try await InferenceEngine(model: packed, threads: 1).logits(tokens, all: true)
        #expect(try await logits == InferenceEngine(model: loaded, threads: 1).logits(tokens, all: true))
    }

    @Test func `the tokenizer and the stop tokens come along, and nothing else is left behind`() throws {
        let directory = try TemporaryDirectory()
        let source = try TemporaryDirectory()
        try TinyCheckpoint().write(to: source)
        try source.write(#"{"eos_token_id": [1, 5]}"#, to: "generation_config.json")
        try source.write("notes", to: "README.md")
        try QuantizedCheckpoint.write(from: source.path, to: "\(directory.path)/packed", weights: .q8)
        let model = try LanguageModel.load(path: "\(directory.path)/packed")
        #expect(model.hasTokenizer)
        #expect(model.configuration.endOfSequence == [1, 5])
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["packed"])
        #expect(try !FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/packed").contains("README.md"))
    }

    @Test func `a failure leaves nothing under either name`() throws {
        let directory = try TemporaryDirectory()
        let source = try TemporaryDirectory()
        try TinyCheckpoint().write(to: source)
        try FileManager.default.removeItem(atPath: "\(source.path)/model.safetensors")
        #expect(throws: TransformerError.self) {
            try QuantizedCheckpoint.write(from: source.path, to: "\(directory.path)/packed", weights: .q8)
        }
        var broken = TinyCheckpoint().weights
        broken.body.replaceSubrange(8..<12, with: [0, 0, 0xC0, 0x7F])
        try source.write(broken.data, to: "model.safetensors")
        #expect(throws: TransformerError.self) {
            try QuantizedCheckpoint.write(from: source.path, to: "\(directory.path)/packed", weights: .q8)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    }

    @Test(arguments: [WeightFormat.f32, .bf16, .f16])
    func `only q8 and q4 are written`(format: WeightFormat) throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: TransformerError.self) {
            try QuantizedCheckpoint.write(
                from: Fixture.path("llama-gqa-bf16"), to: "\(directory.path)/packed", weights: format)
        }
        #expect(error?.code == .invalidRequest)
    }

    @Test func `a directory that is there is not replaced, and what is packed is not packed again`() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/packed"
        try QuantizedCheckpoint.write(from: Fixture.path("llama-gqa-bf16"), to: path, weights: .q4)
        let again = #expect(throws: TransformerError.self) {
            try QuantizedCheckpoint.write(from: Fixture.path("llama-gqa-bf16"), to: path, weights: .q4)
        }
        #expect(again?.code == .unwritable)
        #expect(throws: TransformerError.self) {
            try QuantizedCheckpoint.write(from: path, to: "\(directory.path)/twice", weights: .q8)
        }
    }

    /// Replaces bytes of the packed file's header by as many others.
    @Test(arguments: [
        (#""format_version":"1""#, #""format_version":"2""#, TransformerError.Code.unsupported),
        (#""dtype":"I8""#, #""dtype":"U8""#, .mismatch),
        ("input_layernorm", "inputs_slayernm", .missing),
        (".scales", ".scaled", .missing),
    ])
    func `a packed file that was changed is refused`(
        old: String, new: String, code: TransformerError.Code
    ) throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/packed"
        try QuantizedCheckpoint.write(from: Fixture.path("llama-gqa-bf16"), to: path, weights: .q8)
        var data = try Data(contentsOf: URL(filePath: "\(path)/model.safetensors"))
        let range = try #require(data.range(of: Data(old.utf8)))
        data.replaceSubrange(range, with: Data(new.utf8))
        try directory.write(data, to: "packed/model.safetensors")
        let error = #expect(throws: TransformerError.self) { try LanguageModel.load(path: path) }
        #expect(error?.code == code, "\(error?.message ?? "")")
    }
}
