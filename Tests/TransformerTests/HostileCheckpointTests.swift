import Foundation
import Testing

@testable import Transformer

@Suite struct HostileCheckpointTests {
    /// A checkpoint of which one file is replaced.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let code: TransformerError.Code
        let spoil: @Sendable (TemporaryDirectory) throws -> Void

        init(
            _ name: String, _ code: TransformerError.Code,
            _ spoil: @escaping @Sendable (TemporaryDirectory) throws -> Void
        ) {
            self.name = name
            self.code = code
            self.spoil = spoil
        }

        /// Changes the header of otherwise right weights.
        init(header name: String, _ code: TransformerError.Code, _ change: @escaping @Sendable (inout SafeTensorsBuilder) -> Void) {
            self.init(name, code) { directory in
                var builder = TinyCheckpoint().weights
                change(&builder)
                try directory.write(builder.data, to: "model.safetensors")
            }
        }

        /// Writes weights of a given header text.
        init(text name: String, _ code: TransformerError.Code, _ header: @autoclosure @escaping @Sendable () -> String, length: UInt64? = nil) {
            self.init(name, code) { directory in
                try directory.write(
                    SafeTensorsBuilder.file(Data(header().utf8), Data(count: 64), length: length), to: "model.safetensors")
            }
        }

        /// Changes one member of the configuration.
        init(field: String, _ value: any Sendable, _ code: TransformerError.Code) {
            self.init("config.json: \(field) = \(value)", code) { directory in
                var configuration = TinyCheckpoint().configuration
                configuration[field] = value
                try directory.write(JSONSerialization.data(withJSONObject: configuration), to: "config.json")
            }
        }

        var testDescription: String { self.name }
    }

    private static let norm = "model.norm.weight"

    static let weightFiles: [Case] = [
        Case("an empty file", .malformed) { try $0.write("", to: "model.safetensors") },
        Case("seven bytes", .malformed) { try $0.write("1234567", to: "model.safetensors") },
        Case("no file", .unreadable) { try FileManager.default.removeItem(atPath: "\($0.path)/model.safetensors") },
        Case("a directory", .unreadable) { directory in
            try FileManager.default.removeItem(atPath: "\(directory.path)/model.safetensors")
            try FileManager.default.createDirectory(
                atPath: "\(directory.path)/model.safetensors", withIntermediateDirectories: false)
        },
        Case("a file cut short", .malformed) { directory in
            try directory.write(TinyCheckpoint().weights.data.dropLast(4), to: "model.safetensors")
        },
        Case("a file that goes on", .malformed) { directory in
            try directory.write(TinyCheckpoint().weights.data + Data(count: 4), to: "model.safetensors")
        },
        Case(text: "a header longer than the file", .malformed, "{}", length: 4096),
        Case(text: "a header of 2^63 bytes", .limitExceeded, "{}", length: 1 << 63),
        Case(text: "a header of 2^64 - 1 bytes", .limitExceeded, "{}", length: .max),
        Case(text: "a header of no bytes", .malformed, "", length: 0),
        Case(text: "a header that is a list", .malformed, "[]"),
        Case(text: "a header that is cut", .malformed, #"{"a":{"dtype":"F32""#),
        Case(text: "a header that nests deeply", .malformed, String(repeating: #"{"a":"#, count: 100_000)),
        Case(text: "lists that nest deeply", .malformed, #"{"a":"# + String(repeating: "[", count: 100_000)),
        Case(text: "a name twice", .malformed, #"{"a":{"dtype":"F32","shape":[8],"data_offsets":[0,32]},"a":{"dtype":"F32","shape":[8],"data_offsets":[32,64]}}"#),
        Case(text: "metadata that is no text", .malformed, #"{"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[16],"data_offsets":[0,64]}}"#),
        Case(text: "a shape whose product overflows", .malformed, #"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,64]}}"#),
        Case(text: "a shape beyond any integer", .malformed, #"{"a":{"dtype":"F32","shape":[1e300],"data_offsets":[0,64]}}"#),
        Case(text: "a negative shape", .malformed, #"{"a":{"dtype":"F32","shape":[-16],"data_offsets":[0,64]}}"#),
        Case(text: "a fractional shape", .malformed, #"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,64]}}"#),
        Case(text: "a rank of 100,000", .limitExceeded, #"{"a":{"dtype":"F32","shape":["# + String(repeating: "1,", count: 99_999) + #"1],"data_offsets":[0,4]}}"#),
        Case(text: "an unknown type", .malformed, #"{"a":{"dtype":"F99","shape":[16],"data_offsets":[0,64]}}"#),
        Case(text: "offsets beyond the file", .malformed, #"{"a":{"dtype":"F32","shape":[32],"data_offsets":[0,128]}}"#),
        Case(text: "offsets that run backwards", .malformed, #"{"a":{"dtype":"F32","shape":[16],"data_offsets":[64,0]}}"#),
        Case(text: "offsets below 0", .malformed, #"{"a":{"dtype":"F32","shape":[16],"data_offsets":[-64,0]}}"#),
        Case(text: "three offsets", .malformed, #"{"a":{"dtype":"F32","shape":[16],"data_offsets":[0,64,64]}}"#),
        Case(text: "tensors that overlap", .malformed, #"{"a":{"dtype":"F32","shape":[16],"data_offsets":[0,64]},"b":{"dtype":"F32","shape":[8],"data_offsets":[32,64]}}"#),
        Case(text: "a gap", .malformed, #"{"a":{"dtype":"F32","shape":[8],"data_offsets":[32,64]}}"#),
        Case(text: "a size that is not the shape's", .malformed, #"{"a":{"dtype":"F32","shape":[8],"data_offsets":[0,64]}}"#),
        Case(text: "a tensor that is not aligned", .malformed, #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"F32","shape":[15],"data_offsets":[2,62]},"c":{"dtype":"U8","shape":[2],"data_offsets":[62,64]}}"#),
        Case("a header that is not UTF-8", .malformed) { directory in
            try directory.write(
                SafeTensorsBuilder.file(Data(#"{""#.utf8) + Data([0xFF]) + Data(#"":{}}"#.utf8), Data(count: 64)),
                to: "model.safetensors")
        },
        Case(header: "a tensor missing", .missing) { builder in
            builder.header["other"] = builder.header.removeValue(forKey: Self.norm)
        },
        Case(header: "a tensor too many", .unsupported) { builder in
            builder.add("model.layers.0.self_attn.q_proj.bias", shape: [36], [Float](repeating: 0, count: 36))
        },
        Case(header: "a wrong shape", .mismatch) { $0.header[Self.norm]?["shape"] = [6, 6] },
        Case(header: "a tensor transposed", .mismatch) { builder in
            builder.header["model.layers.0.mlp.up_proj.weight"]?["shape"] = [36, 52]
        },
        Case(header: "a wrong type", .unsupported) { $0.header[Self.norm]?["dtype"] = "I32" },
        Case(header: "a weight that is not a number", .malformed) { builder in
            builder.body.replaceSubrange(8..<12, with: [0, 0, 0xC0, 0x7F])
        },
        Case(header: "a weight that is infinite", .malformed) { builder in
            builder.body.replaceSubrange(builder.body.count - 4..<builder.body.count, with: [0, 0, 0x80, 0xFF])
        },
    ]

    static let configurations: [Case] = [
        Case("no configuration", .unreadable) { try FileManager.default.removeItem(atPath: "\($0.path)/config.json") },
        Case("a configuration that is no JSON", .malformed) { try $0.write("{'a': 1}", to: "config.json") },
        Case("a configuration with a field twice", .malformed) { try $0.write(#"{"a":1,"a":1}"#, to: "config.json") },
        Case("a configuration of 2 MB", .limitExceeded) { directory in
            try directory.write(String(repeating: " ", count: 2 << 20), to: "config.json")
        },
        Case(field: "architectures", ["MambaForCausalLM"], .unsupported),
        Case(field: "architectures", [String](), .missing),
        Case(field: "hidden_size", 0, .malformed),
        Case(field: "hidden_size", "36", .malformed),
        Case(field: "hidden_size", 1 << 40, .malformed),
        Case(field: "hidden_size", 48, .mismatch),
        Case(field: "num_hidden_layers", 3, .missing),
        Case(field: "num_hidden_layers", 1, .unsupported),
        Case(field: "num_attention_heads", 5, .malformed),
        Case(field: "num_key_value_heads", 4, .malformed),
        Case(field: "head_dim", 7, .malformed),
        Case(field: "rms_norm_eps", 0, .malformed),
        Case(field: "rope_theta", -1, .malformed),
        Case(field: "hidden_act", "gelu", .unsupported),
        Case(field: "rope_scaling", ["type": "yarn", "factor": "4"], .unsupported),
        Case(field: "rope_scaling", ["type": "linear"], .missing),
        Case(field: "rope_scaling", ["rope_type": "linear", "factor": "2"], .malformed),
        Case(field: "quantization_config", ["bits": 4], .unsupported),
        Case(field: "logit_softcapping", 30, .unsupported),
        Case(field: "eos_token_id", 288, .mismatch),
        Case(field: "eos_token_id", -1, .malformed),
        Case(field: "vocab_size", 100, .mismatch),
        Case(field: "attention_bias", true, .missing),
        Case(field: "tie_word_embeddings", "yes", .malformed),
    ]

    @Test(.timeLimit(.minutes(1)), arguments: weightFiles + configurations)
    func `a spoilt checkpoint is refused with a reason, at once`(example: Case) throws {
        let directory = try TemporaryDirectory()
        try TinyCheckpoint().write(to: directory)
        try example.spoil(directory)
        let start = ContinuousClock.now
        let error = #expect(throws: TransformerError.self) { try LanguageModel.load(directory: directory.path) }
        #expect(error?.code == example.code, "\(error?.message ?? "")")
        #expect(error?.message.isEmpty == false)
        #expect(start.duration(to: .now) < .seconds(20))
    }
}
