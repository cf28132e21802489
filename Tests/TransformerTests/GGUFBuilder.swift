import Foundation

@testable import Transformer

/// Lays out metadata and tensors as the GGUF format has them; a test changes what it spoils.
struct GGUFBuilder {
    struct Tensor {
        var name: String
        /// Innermost first, as in the file.
        var dimensions: [UInt64]
        var type: UInt32 = 0
        var offset: UInt64
    }

    var magic = Data("GGUF".utf8)
    var version: UInt32 = 3
    /// Keys with their types and values as bytes.
    var metadata: [(key: Data, value: Data)] = []
    var tensors: [Tensor] = []
    var body = Data()
    /// Counts other than the true ones.
    var tensorCount: UInt64?
    var metadataCount: UInt64?

    /// A valid file: a Llama of one layer, of random weights.
    init() {
        self.add("general.architecture", "llama")
        self.add("general.name", "tiny")
        for (key, value) in [
            ("context_length", 64), ("embedding_length", 32), ("block_count", 1), ("feed_forward_length", 32),
            ("attention.head_count", 2), ("attention.head_count_kv", 2), ("rope.dimension_count", 16),
        ] { self.add("llama.\(key)", integer: UInt32(value)) }
        self.add("llama.attention.layer_norm_rms_epsilon", number: 1e-5)
        var generator = SplitMix64(seed: 3)
        let matrices = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]
        for name in ["token_embd", "output"] + matrices.map({ "blk.0.\($0)" }) {
            let rows = name.hasPrefix("blk") ? 32 : 40
            self.add("\(name).weight", [32, rows], (0..<32 * rows).map { _ in Float(generator.nextFraction() - 0.5) })
        }
        for name in ["output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"] {
            self.add("\(name).weight", [32], [Float](repeating: 1, count: 32))
        }
    }

    static func bytes(_ value: some FixedWidthInteger) -> Data { withUnsafeBytes(of: value.littleEndian) { Data($0) } }

    static func text(_ value: String) -> Data { self.bytes(UInt64(value.utf8.count)) + Data(value.utf8) }

    mutating func add(_ key: String, type: UInt32, _ value: Data) {
        self.metadata.append((Self.text(key), Self.bytes(type) + value))
    }

    mutating func add(_ key: String, _ text: String) { self.add(key, type: 8, Self.text(text)) }
    mutating func add(_ key: String, integer: UInt32) { self.add(key, type: 4, Self.bytes(integer)) }
    mutating func add(_ key: String, number: Float) { self.add(key, type: 6, Self.bytes(number.bitPattern)) }

    mutating func set(_ key: String, type: UInt32, _ value: Data) {
        self.metadata.removeAll { $0.key == Self.text(key) }
        self.add(key, type: type, value)
    }

    mutating func add(_ name: String, _ dimensions: [Int], _ values: [Float]) {
        self.tensors.append(
            Tensor(name: name, dimensions: dimensions.map(UInt64.init), offset: UInt64(self.body.count)))
        values.withUnsafeBytes { self.body.append(contentsOf: $0) }
    }

    /// Changes the tensor of that name.
    mutating func change(_ name: String, _ change: (inout Tensor) -> Void) {
        for index in self.tensors.indices where self.tensors[index].name == name { change(&self.tensors[index]) }
    }

    /// The header up to the padding.
    var header: Data {
        var data = self.magic + Self.bytes(self.version)
        data += Self.bytes(self.tensorCount ?? UInt64(self.tensors.count))
        data += Self.bytes(self.metadataCount ?? UInt64(self.metadata.count))
        for (key, value) in self.metadata { data += key + value }
        for tensor in self.tensors {
            data += Self.text(tensor.name) + Self.bytes(UInt32(tensor.dimensions.count))
            for dimension in tensor.dimensions { data += Self.bytes(dimension) }
            data += Self.bytes(tensor.type) + Self.bytes(tensor.offset)
        }
        return data
    }

    var data: Data {
        let header = self.header
        return header + Data(count: (32 - header.count % 32) % 32) + self.body
    }
}
