extension ModelConfiguration {
    private static let maximumFileSize = 1 << 20
    private static let sizes = 1...1 << 24

    /// Fields that say how a model was trained, saved or is wrapped, and do not change its forward pass.
    private static let ignoredFields: Set<String> = [
        "_attn_implementation", "_name_or_path", "attention_dropout", "attn_pdrop", "chunk_size_feed_forward", "dtype",
        "embd_pdrop", "id2label", "initializer_range", "label2id", "max_window_layers", "model_type", "n_ctx",
        "output_attentions", "output_hidden_states", "pad_token_id", "problem_type", "reorder_and_upcast_attn",
        "resid_pdrop", "return_dict", "summary_activation", "summary_first_dropout", "summary_proj_to_labels",
        "summary_type", "summary_use_proj", "task_specific_params", "torch_dtype", "transformers_version", "use_cache",
        "use_return_dict",
    ]

    /// Reads `config.json`, and the stop tokens of `generation_config.json` where there is one.
    init(directory: String) throws(TransformerError) {
        let path = "\(directory)/config.json"
        var fields = try ConfigurationFields(JSON(contentsOf: path, limit: Self.maximumFileSize), source: path)
        let architecture = try Self.architecture(&fields, path: path)
        let stops = try Self.generationStops(directory: directory)
        if architecture == .gpt2 {
            try self.init(gpt2: &fields, stops: stops)
        } else {
            try self.init(architecture, llama: &fields, stops: stops, path: path)
        }
        try fields.require("is_encoder_decoder", "false") { $0 == .bool(false) }
        try fields.finish(ignoring: Self.ignoredFields)
        for token in self.endOfSequence + [self.beginningOfSequence].compactMap(\.self) {
            guard Int(token) < self.vocabularySize else {
                throw TransformerError(.mismatch, "\(path): token \(token) is outside the vocabulary.")
            }
        }
    }

    private init(
        _ architecture: Architecture, llama fields: inout ConfigurationFields, stops: [TokenID]?, path: String
    ) throws(TransformerError) {
        self.architecture = architecture
        self.vocabularySize = try fields.requiredInteger("vocab_size", in: Self.sizes)
        self.hiddenSize = try fields.requiredInteger("hidden_size", in: Self.sizes)
        self.intermediateSize = try fields.requiredInteger("intermediate_size", in: Self.sizes)
        self.layerCount = try fields.requiredInteger("num_hidden_layers", in: 1...4096)
        let headCount = try fields.requiredInteger("num_attention_heads", in: 1...65536)
        self.headCount = headCount
        self.keyValueHeadCount = try fields.integer("num_key_value_heads", in: 1...headCount) ?? headCount
        self.headDimension = try Self.headDimension(&fields, hiddenSize: self.hiddenSize, headCount: headCount)
        guard headCount % self.keyValueHeadCount == 0 else {
            throw fields.malformed("num_key_value_heads", "a divisor of num_attention_heads")
        }
        self.contextLength = try fields.requiredInteger("max_position_embeddings", in: Self.sizes)
        let window = try fields.integer("sliding_window", in: Self.sizes)
        self.slidingWindow = architecture == .mistral ? window : nil
        self.normEpsilon = try fields.requiredPositive("rms_norm_eps")
        self.rotaryEmbedding = try RotaryEmbedding(&fields, contextLength: self.contextLength, source: path)
        self.tiesEmbeddings = try fields.bool("tie_word_embeddings") ?? false
        let hasAttentionBias = try fields.bool("attention_bias") ?? false
        self.hasQueryKeyValueBias = architecture == .qwen2 || hasAttentionBias
        self.hasOutputBias = architecture != .qwen2 && hasAttentionBias
        self.hasFeedForwardBias = try fields.bool("mlp_bias") ?? false
        self.beginningOfSequence = try Self.tokens("bos_token_id", &fields)?.first
        let ends = try Self.tokens("eos_token_id", &fields) ?? []
        self.endOfSequence = stops ?? ends
        try fields.require("hidden_act", "\"silu\"") { $0 == .string("silu") }
        try fields.require("pretraining_tp", "1") { $0 == .integer(1) }
        try fields.require("partial_rotary_factor", "1") { $0.double == 1 }
        try fields.require("rope_interleaved", "false") { $0 == .bool(false) }
        try fields.require("use_sliding_window", "false") { $0 == .bool(false) }
        try fields.require("layer_types", "\"full_attention\" for every layer") { value in
            value.array?.allSatisfy { $0 == .string("full_attention") } == true
        }
    }

    private init(gpt2 fields: inout ConfigurationFields, stops: [TokenID]?) throws(TransformerError) {
        self.architecture = .gpt2
        self.vocabularySize = try fields.requiredInteger("vocab_size", in: Self.sizes)
        let hiddenSize = try fields.requiredInteger("n_embd", in: Self.sizes)
        self.hiddenSize = hiddenSize
        self.intermediateSize = try fields.integer("n_inner", in: Self.sizes) ?? 4 * hiddenSize
        self.layerCount = try fields.requiredInteger("n_layer", in: 1...4096)
        self.headCount = try fields.requiredInteger("n_head", in: 1...65536)
        self.keyValueHeadCount = self.headCount
        guard hiddenSize % self.headCount == 0 else { throw fields.malformed("n_head", "a divisor of n_embd") }
        self.headDimension = hiddenSize / self.headCount
        self.contextLength = try fields.requiredInteger("n_positions", in: Self.sizes)
        self.slidingWindow = nil
        self.normEpsilon = try fields.requiredPositive("layer_norm_epsilon")
        self.rotaryEmbedding = nil
        self.tiesEmbeddings = try fields.bool("tie_word_embeddings") ?? true
        (self.hasQueryKeyValueBias, self.hasOutputBias, self.hasFeedForwardBias) = (true, true, true)
        self.beginningOfSequence = try Self.tokens("bos_token_id", &fields)?.first
        let ends = try Self.tokens("eos_token_id", &fields) ?? []
        self.endOfSequence = stops ?? ends
        try fields.require("activation_function", "\"gelu_new\"") { $0 == .string("gelu_new") }
        try fields.require("scale_attn_weights", "true") { $0 == .bool(true) }
        try fields.require("scale_attn_by_inverse_layer_idx", "false") { $0 == .bool(false) }
        try fields.require("add_cross_attention", "false") { $0 == .bool(false) }
    }

    private static func architecture(
        _ fields: inout ConfigurationFields, path: String
    ) throws(TransformerError) -> Architecture {
        let accepted = Architecture.allCases.map(\.rawValue).joined(separator: ", ")
        guard let names = fields.value("architectures")?.array, names.count == 1, let name = names[0].string else {
            throw TransformerError(.missing, "\(path): \"architectures\" must name one of \(accepted).")
        }
        guard let architecture = Architecture(rawValue: name) else {
            throw TransformerError(
                .unsupported,
                "\(path): the architecture \"\(name.prefix(80))\" is not supported; supported: \(accepted).")
        }
        return architecture
    }

    private static func headDimension(
        _ fields: inout ConfigurationFields, hiddenSize: Int, headCount: Int
    ) throws(TransformerError) -> Int {
        let quotient = hiddenSize % headCount == 0 ? hiddenSize / headCount : nil
        guard let dimension = try fields.integer("head_dim", in: 2...4096) ?? quotient else {
            throw fields.malformed("num_attention_heads", "a divisor of hidden_size where head_dim is absent")
        }
        guard dimension % 2 == 0 else { throw fields.malformed("head_dim", "even") }
        return dimension
    }

    /// A token id or a list of them.
    private static func tokens(
        _ name: String, _ fields: inout ConfigurationFields
    ) throws(TransformerError) -> [TokenID]? {
        guard let value = fields.value(name) else { return nil }
        let ids = (value.array ?? [value]).map { $0.integer.flatMap(TokenID.init(exactly:)) }
        guard ids.count <= 1024, ids.allSatisfy({ $0.map { $0 >= 0 } ?? false }) else {
            throw fields.malformed(name, "a token id or a list of them")
        }
        return ids.compactMap(\.self)
    }

    private static func generationStops(directory: String) throws(TransformerError) -> [TokenID]? {
        let path = "\(directory)/generation_config.json"
        guard FileStatus.exists(path) else { return nil }
        var fields = try ConfigurationFields(JSON(contentsOf: path, limit: Self.maximumFileSize), source: path)
        return try Self.tokens("eos_token_id", &fields)
    }
}
