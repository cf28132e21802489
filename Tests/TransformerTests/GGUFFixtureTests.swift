import Foundation
import Testing

@testable import Transformer

/// Files made by the package `gguf`, and what Hugging Face's code computes from their weights; see
/// `Fixtures/make_gguf_fixtures.py`.
@Suite struct GGUFFixtureTests {
    private struct Expected: Decodable {
        let tokens: [TokenID]
    }

    /// The names of the files, and the format that the weights get where none is asked for.
    static let files: [(name: String, format: WeightFormat)] = [
        ("llama-q8_0", .q8), ("llama3-rope-q4_0", .q4), ("llama-k-quants", .q8), ("mistral-window-q4_0", .q4),
        ("qwen2-bias-q8_0", .q8), ("qwen3-bf16", .bf16), ("gpt2-f16", .f16),
    ]

    private static func path(_ name: String) -> String { "\(Fixture.path("gguf"))/\(name)" }

    private static func expected(_ name: String) throws -> (tokens: [TokenID], logits: [[Float]]) {
        let data = try Data(contentsOf: URL(filePath: self.path("\(name).json")))
        let tokens = try JSONDecoder().decode(Expected.self, from: data).tokens
        let numbers = try Data(contentsOf: URL(filePath: self.path("\(name).bin"))).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
        let width = numbers.count / tokens.count
        return (tokens, tokens.indices.map { Array(numbers[$0 * width..<($0 + 1) * width]) })
    }

    @Test(arguments: files)
    func `logits of a GGUF file are those of the reference implementation`(
        name: String, format: WeightFormat
    ) async throws {
        let expected = try Self.expected(name)
        let model = try LanguageModel.load(path: Self.path("\(name).gguf"), weights: .f32)
        let logits = try await InferenceEngine(model: model, threads: 1).logits(expected.tokens, all: true)
        try #require(logits.count == expected.logits.count)
        for (row, referenceRow) in zip(logits, expected.logits) { #expect(largestDifference(row, referenceRow) < 1e-3) }
    }

    @Test(arguments: files)
    func `weights are kept in the format nearest to the file's`(name: String, format: WeightFormat) async throws {
        let expected = try Self.expected(name)
        let model = try LanguageModel.load(path: Self.path("\(name).gguf"))
        #expect(model.weights == format)
        #expect(model.name == name)
        // Inputs are rounded to 16 bits, those of 4-bit weights to 8; K-quants are rounded once more, to 8.
        let tolerance = format == .q4 ? 0.04 : name == "llama-k-quants" ? 0.02 : 0.0005
        let logits = try await InferenceEngine(model: model, threads: 1).logits(expected.tokens, all: true)
        try #require(logits.count == expected.logits.count)
        #expect(relativeError(logits, expected.logits) < tolerance)
    }

    @Test(arguments: ["llama-q8_0", "llama3-rope-q4_0"])
    func `integers and scales of Q8_0 and Q4_0 are kept exactly`(name: String) throws {
        let path = Self.path("\(name).gguf")
        let (packed, exact) = (try LanguageModel.load(path: path), try LanguageModel.load(path: path, weights: .f32))
        for (layer, exactLayer) in zip(packed.parameters.layers, exact.parameters.layers) {
            #expect(Self.rows(layer.key.matrix) == Self.rows(exactLayer.key.matrix))
            #expect(Self.rows(layer.output.matrix) == Self.rows(exactLayer.output.matrix))
        }
        let wide = try LanguageModel.load(path: path, weights: .q8).parameters.layers[0].query.matrix
        #expect(Self.rows(wide) == Self.rows(exact.parameters.layers[0].query.matrix))
    }

    private static func rows(_ matrix: WeightMatrix) -> [[Float]] {
        (0..<matrix.rows).map { row in
            [Float](unsafeUninitializedCapacity: matrix.columns) { buffer, initialized in
                if let start = buffer.baseAddress { matrix.copyRow(row, to: start) }
                initialized = matrix.columns
            }
        }
    }
}
