import Foundation
import Testing

@testable import Transformer

@Suite struct HostileConfigurationTests {
    /// A configuration with one member changed or added.
    private static func field(
        _ name: String, _ value: any Sendable, _ code: TransformerError.Code
    ) -> SpoiltCheckpoint {
        SpoiltCheckpoint("\(name) = \(value)", code) { directory in
            var configuration = TinyCheckpoint().configuration
            configuration[name] = value
            try directory.write(JSONSerialization.data(withJSONObject: configuration), to: "config.json")
        }
    }

    static let cases: [SpoiltCheckpoint] = [
        SpoiltCheckpoint("no configuration", .unreadable) {
            try FileManager.default.removeItem(atPath: "\($0.path)/config.json")
        },
        SpoiltCheckpoint("a configuration that is no JSON", .malformed) { try $0.write("{'a': 1}", to: "config.json") },
        SpoiltCheckpoint("a configuration with a field twice", .malformed) {
            try $0.write(#"{"a":1,"a":1}"#, to: "config.json")
        },
        SpoiltCheckpoint("a configuration of 2 MB", .limitExceeded) { directory in
            try directory.write(String(repeating: " ", count: 2 << 20), to: "config.json")
        },
        field("architectures", ["MambaForCausalLM"], .unsupported),
        field("architectures", [String](), .missing),
        field("hidden_size", 0, .malformed),
        field("hidden_size", "36", .malformed),
        field("hidden_size", 1 << 40, .malformed),
        field("hidden_size", 48, .mismatch),
        field("num_hidden_layers", 3, .missing),
        field("num_hidden_layers", 1, .unsupported),
        field("num_attention_heads", 5, .malformed),
        field("num_key_value_heads", 4, .malformed),
        field("head_dim", 7, .malformed),
        field("rms_norm_eps", 0, .malformed),
        field("rope_theta", -1, .malformed),
        field("hidden_act", "gelu", .unsupported),
        field("rope_scaling", ["type": "yarn", "factor": "4"], .unsupported),
        field("rope_scaling", ["type": "linear"], .missing),
        field("rope_scaling", ["rope_type": "linear", "factor": "2"], .malformed),
        field("quantization_config", ["bits": 4], .unsupported),
        field("logit_softcapping", 30, .unsupported),
        field("eos_token_id", 288, .mismatch),
        field("eos_token_id", -1, .malformed),
        field("vocab_size", 100, .mismatch),
        field("attention_bias", true, .missing),
        field("tie_word_embeddings", "yes", .malformed),
    ]

    @Test(arguments: [
        ("architectures", ["MambaForCausalLM"] as any Sendable, "MambaForCausalLM"),
        ("rope_scaling", ["type": "yarn", "factor": "4"], "yarn"), ("logit_softcapping", 30, "logit_softcapping"),
    ])
    func `what is not supported is named`(field: String, value: any Sendable, mention: String) throws {
        var checkpoint = TinyCheckpoint()
        checkpoint.configuration[field] = value
        let error = #expect(throws: TransformerError.self) { try checkpoint.load() }
        #expect(error?.message.contains(mention) == true)
    }

    @Test(.timeLimit(.minutes(1)), arguments: cases)
    func `a configuration that would not be followed exactly is refused`(checkpoint: SpoiltCheckpoint) throws {
        try checkpoint.expectRefusal()
    }
}
