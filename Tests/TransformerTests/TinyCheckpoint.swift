import Foundation

@testable import Transformer

/// A checkpoint of random weights, written as the files that a test then spoils or loads.
struct TinyCheckpoint {
    var configuration: [String: Any] = [
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 288, "hidden_size": 36,
        "intermediate_size": 52, "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 2,
        "max_position_embeddings": 512, "rms_norm_eps": 1e-5, "rope_theta": 10000, "hidden_act": "silu",
        "bos_token_id": NSNull(), "eos_token_id": 0, "torch_dtype": "float32",
    ]
    var tokenizer = TinyTokenizer()
    var seed: UInt64 = 7

    /// Names and shapes as the family's checkpoints have them.
    static let shapes: [(name: String, shape: [Int])] = {
        var shapes = [
            ("model.embed_tokens.weight", [288, 36]), ("model.norm.weight", [36]), ("lm_head.weight", [288, 36]),
        ]
        for layer in 0..<2 {
            let prefix = "model.layers.\(layer)"
            shapes += [
                ("\(prefix).input_layernorm.weight", [36]), ("\(prefix).post_attention_layernorm.weight", [36]),
                ("\(prefix).self_attn.q_proj.weight", [36, 36]), ("\(prefix).self_attn.k_proj.weight", [12, 36]),
                ("\(prefix).self_attn.v_proj.weight", [12, 36]), ("\(prefix).self_attn.o_proj.weight", [36, 36]),
                ("\(prefix).mlp.gate_proj.weight", [52, 36]), ("\(prefix).mlp.up_proj.weight", [52, 36]),
                ("\(prefix).mlp.down_proj.weight", [36, 52]),
            ]
        }
        return shapes
    }()

    /// The weights as a safetensors file.
    var weights: SafeTensorsBuilder {
        var generator = SplitMix64(seed: self.seed)
        var builder = SafeTensorsBuilder()
        for (name, shape) in Self.shapes {
            let values = (0..<shape.reduce(1, *)).map { _ in
                shape.count == 1 ? Float(1) : Float(generator.nextFraction() - 0.5)
            }
            builder.add(name, shape: shape, values)
        }
        return builder
    }

    func write(to directory: TemporaryDirectory) throws {
        try directory.write(
            JSONSerialization.data(withJSONObject: self.configuration, options: .sortedKeys), to: "config.json")
        try directory.write(self.tokenizer.data, to: "tokenizer.json")
        try directory.write(self.weights.data, to: "model.safetensors")
    }

    func load(_ format: WeightFormat? = nil) throws -> LanguageModel {
        let directory = try TemporaryDirectory()
        try self.write(to: directory)
        return try LanguageModel.load(directory: directory.path, weights: format)
    }

    /// One model for all tests that only use it.
    static let shared = Result { try TinyCheckpoint().load() }
}

/// Lays out tensors as the safetensors format has them.
struct SafeTensorsBuilder {
    /// Members of each tensor's entry.
    var header: [String: [String: Any]] = [:]
    var body = Data()

    mutating func add(_ name: String, shape: [Int], _ values: [Float]) {
        let start = self.body.count
        values.withUnsafeBytes { self.body.append(contentsOf: $0) }
        self.header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [start, self.body.count]]
    }

    var data: Data {
        get throws {
            try Self.file(JSONSerialization.data(withJSONObject: self.header, options: .sortedKeys), self.body)
        }
    }

    /// A file of a given header; `length` says another length than it has.
    static func file(_ header: Data, _ body: Data, length: UInt64? = nil) -> Data {
        var header = header
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        var data = withUnsafeBytes(of: (length ?? UInt64(header.count)).littleEndian) { Data($0) }
        data.append(header)
        data.append(body)
        return data
    }
}
