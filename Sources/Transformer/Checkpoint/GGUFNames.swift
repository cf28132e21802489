/// The names that GGUF files give to tensors, and those of the same tensors in Hugging Face checkpoints.
enum GGUFNames {
    private static let llamaBlock = [
        "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
        "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "attn_q_norm": "self_attn.q_norm",
        "attn_k_norm": "self_attn.k_norm", "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj",
        "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
    ]
    private static let llama = [
        "token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head",
    ]
    private static let gpt2Block = [
        "attn_norm": "ln_1", "attn_qkv": "attn.c_attn", "attn_output": "attn.c_proj", "ffn_norm": "ln_2",
        "ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj",
    ]
    private static let gpt2 = [
        "token_embd": "transformer.wte", "position_embd": "transformer.wpe", "output_norm": "transformer.ln_f",
        "output": "lm_head",
    ]

    /// The tensors of a file under Hugging Face's names; those without one keep theirs.
    ///
    /// The converter interleaves the rows of a Llama's queries and keys, so that the pairs that rotate together are
    /// neighbours; those of the other families stay as they are.
    static func tensors(
        of file: GGUFFile, _ configuration: ModelConfiguration
    ) throws(TransformerError) -> [String: StoredTensor] {
        let isGPT2 = configuration.architecture == .gpt2
        let isInterleaved = [.llama, .mistral].contains(configuration.architecture)
        var tensors: [String: StoredTensor] = [:]
        for (name, tensor) in file.tensors where name != "rope_freqs.weight" {
            var tensor = tensor
            if isInterleaved && name.hasPrefix("blk.") {
                let heads = [
                    ".attn_q.": configuration.headCount, ".attn_k.": configuration.keyValueHeadCount,
                ].first { name.contains($0.key) }?.value
                if let heads, tensor.shape.first == heads * configuration.headDimension {
                    tensor.interleavedHeads = heads
                }
            }
            let translated =
                isGPT2
                ? Self.translate(name, Self.gpt2, Self.gpt2Block, prefix: "transformer.h")
                : Self.translate(name, Self.llama, Self.llamaBlock, prefix: "model.layers")
            guard tensors.updateValue(tensor, forKey: translated ?? name) == nil else {
                throw TransformerError(
                    .malformed, "Two tensors of the file are the \(StoredTensor.label(translated ?? name)).")
            }
        }
        return tensors
    }

    private static func translate(
        _ name: String, _ outer: [String: String], _ block: [String: String], prefix: String
    ) -> String? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, let translated = outer[parts[0]] { return "\(translated).\(parts[1])" }
        if parts.count == 4, parts[0] == "blk", let translated = block[parts[2]] {
            return "\(prefix).\(parts[1]).\(translated).\(parts[3])"
        }
        return nil
    }
}
