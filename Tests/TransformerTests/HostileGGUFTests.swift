import Foundation
import Testing

@testable import Transformer

@Suite struct HostileGGUFTests {
    private static let norm = "output_norm.weight"

    /// An otherwise right file of which something is changed.
    private static func file(
        _ name: String, _ code: TransformerError.Code, _ change: @escaping @Sendable (inout GGUFBuilder) -> Void
    ) -> SpoiltCheckpoint {
        Self.bytes(name, code) { builder in
            change(&builder)
            return builder.data
        }
    }

    private static func bytes(
        _ name: String, _ code: TransformerError.Code, _ make: @escaping @Sendable (inout GGUFBuilder) -> Data
    ) -> SpoiltCheckpoint {
        SpoiltCheckpoint(name, code, file: "model.gguf") { directory in
            var builder = GGUFBuilder()
            try directory.write(make(&builder), to: "model.gguf")
        }
    }

    /// An array's element type, count and bytes.
    private static func array(_ type: UInt32, count: UInt64, _ elements: Data = Data()) -> Data {
        GGUFBuilder.bytes(type) + GGUFBuilder.bytes(count) + elements
    }

    static let headers: [SpoiltCheckpoint] = [
        bytes("an empty file", .malformed) { _ in Data() },
        bytes("three bytes", .malformed) { _ in Data("GGU".utf8) },
        file("another magic", .malformed) { $0.magic = Data("GGML".utf8) },
        file("version 1", .unsupported) { $0.version = 1 },
        file("version 4", .unsupported) { $0.version = 4 },
        file("big-endian", .unsupported) { $0.version = 3 << 24 },
        file("2^60 tensors", .malformed) { $0.tensorCount = 1 << 60 },
        file("2^64 - 1 tensors", .malformed) { $0.tensorCount = .max },
        file("2^60 metadata values", .malformed) { $0.metadataCount = 1 << 60 },
        file("one metadata value too many", .malformed) { $0.metadataCount = UInt64($0.metadata.count + 1) },
        bytes("a header cut short", .malformed) { $0.header.dropLast(9) },
        bytes("a body cut short", .malformed) { $0.data.dropLast(4) },
        bytes("a file that goes on", .malformed) { $0.data + Data(count: 64) },
        SpoiltCheckpoint("no file", .unreadable, file: "model.gguf") { _ in },
    ]

    static let metadata: [SpoiltCheckpoint] = [
        file("a key of 2^60 bytes", .malformed) { $0.metadata[1].key = GGUFBuilder.bytes(UInt64(1) << 60) },
        file("a key that is not UTF-8", .malformed) {
            $0.metadata[1].key = GGUFBuilder.bytes(UInt64(1)) + Data([0xFF])
        },
        file("a text of 2^63 bytes", .malformed) {
            $0.add("a", type: 8, GGUFBuilder.bytes(UInt64(1) << 63))
        },
        file("a text that is not UTF-8", .malformed) {
            $0.add("a", type: 8, GGUFBuilder.bytes(UInt64(2)) + Data([0xC0, 0x80]))
        },
        file("a key twice", .malformed) { $0.add("general.name", "again") },
        file("an unknown value type", .malformed) { $0.add("a", type: 13, Data(count: 8)) },
        file("an array of an unknown type", .malformed) {
            $0.add("a", type: 9, Self.array(99, count: 1, Data(count: 8)))
        },
        file("an array of 2^60 elements", .malformed) { $0.add("a", type: 9, Self.array(4, count: 1 << 60)) },
        file("an array of 2^62 texts", .malformed) { $0.add("a", type: 9, Self.array(8, count: 1 << 62)) },
        file("an array of arrays", .unsupported) {
            $0.add("a", type: 9, Self.array(9, count: 1, Self.array(4, count: 1, Data(count: 4))))
        },
        file("arrays nested 10,000 deep", .unsupported) { builder in
            builder.add("a", type: 9, (0..<10_000).reduce(into: Data()) { data, _ in data += Self.array(9, count: 1) })
        },
        file("a truth value of 2", .malformed) { $0.add("a", type: 7, Data([2])) },
        file("an integer beyond 63 bits", .malformed) { $0.add("a", type: 10, Data(repeating: 0xFF, count: 8)) },
        file("an alignment of 0", .malformed) { $0.add("general.alignment", integer: 0) },
        file("an alignment of 3", .malformed) { $0.add("general.alignment", integer: 3) },
        file("an alignment of 2^31", .malformed) { $0.add("general.alignment", integer: 1 << 31) },
        file("an alignment that is a text", .malformed) { $0.add("general.alignment", "32") },
        file("one part of several", .unsupported) { $0.add("split.count", type: 2, GGUFBuilder.bytes(UInt16(2))) },
    ]

    static let tensors: [SpoiltCheckpoint] = [
        file("a tensor twice", .malformed) { builder in builder.change(Self.norm) { $0.name = "blk.0.ffn_norm.weight" }
        },
        file("a rank of 0", .limitExceeded) { builder in builder.change(Self.norm) { $0.dimensions = [] } },
        file("a rank of 2^32 - 1", .limitExceeded) { builder in
            builder.change(Self.norm) { $0.dimensions = [UInt64](repeating: 1, count: 5) }
        },
        file("a shape whose product overflows", .malformed) { builder in
            builder.change(Self.norm) { $0.dimensions = [1 << 40, 1 << 40] }
        },
        file("a shape beyond any integer", .malformed) { builder in
            builder.change(Self.norm) { $0.dimensions = [.max] }
        },
        file("an empty shape beside a huge one", .malformed) { builder in
            builder.change(Self.norm) { $0.dimensions = [0, 1 << 62] }
        },
        file("an unknown tensor type", .malformed) { builder in builder.change(Self.norm) { $0.type = 1000 } },
        file("a type that is not supported", .unsupported) { builder in builder.change(Self.norm) { $0.type = 10 } },
        file("rows that are no whole blocks", .malformed) { builder in
            builder.change("blk.0.ffn_up.weight") { ($0.type, $0.dimensions) = (12, [32, 32]) }
        },
        file("an offset beyond the file", .malformed) { builder in builder.change(Self.norm) { $0.offset = 1 << 40 } },
        file("an offset beyond any integer", .malformed) { builder in builder.change(Self.norm) { $0.offset = .max } },
        file("tensors that overlap", .malformed) { builder in builder.change(Self.norm) { $0.offset = 0 } },
        file("an offset that is not aligned", .malformed) { builder in builder.change(Self.norm) { $0.offset += 4 } },
        file("a size that is not the shape's", .malformed) { builder in
            builder.change(Self.norm) { $0.dimensions = [16] }
        },
        file("a tensor missing", .missing) { builder in builder.change(Self.norm) { $0.name = "another" } },
        file("a matrix transposed in its shape", .mismatch) { builder in
            builder.change("output.weight") { $0.dimensions = [40, 32] }
        },
        file("a norm with blocks", .malformed) { builder in builder.change(Self.norm) { $0.type = 8 } },
        file("a weight that is not a number", .malformed) {
            $0.body.replaceSubrange(8..<12, with: [0, 0, 0xC0, 0x7F])
        },
        file("a tensor that nothing uses", .unsupported) {
            $0.add("blk.0.attn_q.bias2", [32], [Float](repeating: 0, count: 32))
        },
    ]

    static let configurations: [SpoiltCheckpoint] = [
        file("no architecture", .unsupported) { $0.metadata.removeFirst() },
        file("an unknown architecture", .unsupported) {
            $0.set("general.architecture", type: 8, GGUFBuilder.text("mamba"))
        },
        file("experts", .unsupported) { $0.add("llama.expert_count", integer: 8) },
        file("a field that is not honoured", .unsupported) { $0.add("llama.attention.clamp_kqv", number: 8) },
        file("no heads", .malformed) { $0.set("llama.attention.head_count", type: 4, GGUFBuilder.bytes(UInt32(0))) },
        file("heads that do not divide", .malformed) {
            $0.set("llama.attention.head_count_kv", type: 4, GGUFBuilder.bytes(UInt32(3)))
        },
        file("2^32 - 1 layers", .malformed) { $0.set("llama.block_count", type: 4, GGUFBuilder.bytes(UInt32.max)) },
        file("a layer too many", .missing) { $0.set("llama.block_count", type: 4, GGUFBuilder.bytes(UInt32(2))) },
        file("an epsilon that is not a number", .malformed) {
            $0.set("llama.attention.layer_norm_rms_epsilon", type: 6, GGUFBuilder.bytes(Float.nan.bitPattern))
        },
        file("a part of the head rotated", .unsupported) {
            $0.set("llama.rope.dimension_count", type: 4, GGUFBuilder.bytes(UInt32(8)))
        },
        file("yarn", .unsupported) { $0.add("llama.rope.scaling.type", "yarn") },
        file("an end token outside the vocabulary", .mismatch) { $0.add("tokenizer.ggml.eos_token_id", integer: 40) },
    ]

    @Test(.timeLimit(.minutes(1)), arguments: headers + metadata + tensors + configurations)
    func `a spoilt GGUF file is refused with a reason, at once`(checkpoint: SpoiltCheckpoint) throws {
        try checkpoint.expectRefusal()
    }

    @Test func `the file that is spoilt above is right by itself`() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(GGUFBuilder().data, to: "tiny.gguf")
        let model = try LanguageModel.load(path: "\(directory.path)/tiny.gguf")
        #expect(model.name == "tiny")
        #expect(model.configuration.contextLength == 64)
        #expect(try await InferenceEngine(model: model, threads: 1).logits([1, 2, 3])[0].allSatisfy(\.isFinite))
    }

    @Test func `version 2 is read as version 3 is`() throws {
        let directory = try TemporaryDirectory()
        var builder = GGUFBuilder()
        builder.version = 2
        try directory.write(builder.data, to: "tiny.gguf")
        #expect(try LanguageModel.load(path: "\(directory.path)/tiny.gguf").configuration.layerCount == 1)
    }
}
