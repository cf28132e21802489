extension ModelConfiguration {
    private static let sizes = 1...1 << 24

    /// Namespaces of metadata that say nothing of the forward pass, or are read elsewhere.
    private static let ignoredNamespaces = ["general.", "tokenizer.", "quantize.", "split."]

    /// The architectures' names in GGUF. Mistral is a Llama whose attention may have a window.
    private static let architectures: [String: Architecture] = [
        "llama": .llama, "qwen2": .qwen2, "qwen3": .qwen3, "gpt2": .gpt2,
    ]

    /// Reads the metadata of a GGUF file, and from its tensors what llama.cpp takes from them too: the vocabulary's
    /// size, whether the embeddings are tied, which projections have biases, and the scaling of rotary frequencies.
    init(_ file: GGUFFile, source: String) throws(TransformerError) {
        let name = file.metadata["general.architecture"]?.string ?? ""
        guard let architecture = Self.architectures[name] else {
            throw TransformerError(
                .unsupported,
                "\(source): the architecture \"\(name.prefix(80))\" is not supported; supported: "
                    + "\(Self.architectures.keys.sorted().joined(separator: ", ")).")
        }
        guard file.metadata["general.quantization_version"]?.integer ?? 2 == 2 else {
            throw TransformerError(.unsupported, "\(source): only version 2 of the quantised formats is supported.")
        }
        let members = file.metadata.filter { key, _ in !Self.ignoredNamespaces.contains(where: key.hasPrefix) }
        var fields = try ConfigurationFields(.object(members.mapValues(\.json)), source: source)
        guard let embedding = file.tensors["token_embd.weight"], embedding.shape.count == 2 else {
            throw TransformerError(.missing, "\(source) lacks the tensor \"token_embd.weight\" of two dimensions.")
        }
        try self.init(architecture, prefix: name, &fields, file, vocabularySize: embedding.shape[0])
        try fields.finish(ignoring: [])
        for token in self.endOfSequence + [self.beginningOfSequence].compactMap(\.self) {
            guard Int(token) < self.vocabularySize else {
                throw TransformerError(.mismatch, "\(source): token \(token) is outside the vocabulary.")
            }
        }
    }

    private init(
        _ architecture: Architecture, prefix: String, _ fields: inout ConfigurationFields, _ file: GGUFFile,
        vocabularySize: Int
    ) throws(TransformerError) {
        let hidden = try fields.requiredInteger("\(prefix).embedding_length", in: Self.sizes)
        let heads = try fields.requiredInteger("\(prefix).attention.head_count", in: 1...65536)
        let window = try fields.integer("\(prefix).attention.sliding_window", in: 0...1 << 24).flatMap {
            $0 == 0 ? nil : $0
        }
        self.architecture = architecture == .llama && window != nil ? .mistral : architecture
        self.vocabularySize = vocabularySize
        self.hiddenSize = hidden
        self.intermediateSize = try fields.requiredInteger("\(prefix).feed_forward_length", in: Self.sizes)
        self.layerCount = try fields.requiredInteger("\(prefix).block_count", in: 1...4096)
        self.headCount = heads
        self.keyValueHeadCount = try fields.integer("\(prefix).attention.head_count_kv", in: 1...heads) ?? heads
        guard heads % self.keyValueHeadCount == 0 else {
            throw fields.malformed("\(prefix).attention.head_count_kv", "a divisor of the head count")
        }
        let dimension = try Self.headDimension(&fields, prefix: prefix, hidden: hidden, heads: heads)
        self.headDimension = dimension
        self.contextLength = try fields.requiredInteger("\(prefix).context_length", in: Self.sizes)
        self.slidingWindow = window
        if architecture == .gpt2 {
            self.normEpsilon = try fields.requiredPositive("\(prefix).attention.layer_norm_epsilon")
            self.rotaryEmbedding = nil
            (self.hasQueryKeyValueBias, self.hasOutputBias, self.hasFeedForwardBias) = (true, true, true)
        } else {
            self.normEpsilon = try fields.requiredPositive("\(prefix).attention.layer_norm_rms_epsilon")
            self.rotaryEmbedding = try RotaryEmbedding(
                gguf: &fields, prefix: prefix, dimension: dimension, factors: file.tensors["rope_freqs.weight"])
            self.hasQueryKeyValueBias = file.tensors["blk.0.attn_q.bias"] != nil
            self.hasOutputBias = file.tensors["blk.0.attn_output.bias"] != nil
            self.hasFeedForwardBias = file.tensors["blk.0.ffn_up.bias"] != nil
        }
        self.tiesEmbeddings = file.tensors["output.weight"] == nil
        self.beginningOfSequence = try Self.token("bos", file)
        var ends: [TokenID] = []
        for name in ["eos", "eot", "eom"] {
            if let token = try Self.token(name, file), !ends.contains(token) { ends.append(token) }
        }
        self.endOfSequence = ends
        try fields.require("\(prefix).vocab_size", "the rows of token_embd.weight") { $0 == .integer(vocabularySize) }
        try fields.require("\(prefix).expert_count", "0") { $0 == .integer(0) }
        try fields.require("\(prefix).expert_used_count", "0") { $0 == .integer(0) }
        try fields.require("\(prefix).attention.causal", "true") { $0 == .bool(true) }
    }

    private static func headDimension(
        _ fields: inout ConfigurationFields, prefix: String, hidden: Int, heads: Int
    ) throws(TransformerError) -> Int {
        let quotient = hidden % heads == 0 ? hidden / heads : nil
        guard let dimension = try fields.integer("\(prefix).attention.key_length", in: 2...4096) ?? quotient,
            dimension % 2 == 0 || prefix == "gpt2"
        else { throw fields.malformed("\(prefix).attention.key_length", "given and even") }
        try fields.require("\(prefix).attention.value_length", "the key length") { $0 == .integer(dimension) }
        try fields.require("\(prefix).rope.dimension_count", "the key length") { $0 == .integer(dimension) }
        return dimension
    }

    private static func token(_ name: String, _ file: GGUFFile) throws(TransformerError) -> TokenID? {
        guard let value = file.metadata["tokenizer.ggml.\(name)_token_id"] else { return nil }
        guard let token = value.integer.flatMap(TokenID.init(exactly:)), token >= 0 else {
            throw TransformerError(.malformed, "The metadata \"tokenizer.ggml.\(name)_token_id\" is no token id.")
        }
        return token
    }
}

extension RotaryEmbedding {
    fileprivate init(
        gguf fields: inout ConfigurationFields, prefix: String, dimension: Int, factors: StoredTensor?
    ) throws(TransformerError) {
        let base = try fields.positive("\(prefix).rope.freq_base") ?? 10_000
        let factor = try fields.positive("\(prefix).rope.scaling.factor")
        let legacyFactor = try fields.positive("\(prefix).rope.scale_linear")
        let type = try fields.string("\(prefix).rope.scaling.type") ?? (legacyFactor == nil ? "none" : "linear")
        try fields.require("\(prefix).rope.scaling.attn_factor", "1") { $0.double == 1 }
        _ = fields.value("\(prefix).rope.scaling.original_context_length")
        _ = fields.value("\(prefix).rope.scaling.finetuned")
        let scaling: Scaling
        switch (type, factors) {
        case ("none", nil): scaling = .none
        case ("none", let factors?):
            guard factors.shape == [dimension / 2], factors.type == .f32 else {
                throw TransformerError(.mismatch, "The \(factors.label) must be F32 of the shape [\(dimension / 2)].")
            }
            let numbers = factors.memory.withBytes { bytes in
                (0..<factors.count).map {
                    bytes.loadUnaligned(fromByteOffset: factors.range.lowerBound + 4 * $0, as: Float.self)
                }
            }
            guard numbers.allSatisfy({ $0.isFinite && $0 > 0 }) else {
                throw TransformerError(.malformed, "The \(factors.label) holds a number that is not positive.")
            }
            scaling = .factors(numbers)
        case ("linear", nil):
            guard let factor = factor ?? legacyFactor else { throw fields.missing("\(prefix).rope.scaling.factor") }
            scaling = .linear(factor: factor)
        default:
            throw TransformerError(
                .unsupported,
                "The rotary embedding type \"\(type.prefix(80))\"\(factors == nil ? "" : " with rope_freqs.weight") is "
                    + "not supported; supported: none, linear, and none with rope_freqs.weight.")
        }
        self.init(base: base, scaling: scaling)
    }
}

extension GGUFValue {
    /// The same value as a member of a configuration.
    fileprivate var json: JSON {
        switch self {
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .bool(let value): .bool(value)
        case .string(let value): .string(value)
        case .integers(let values): .array(values.map(JSON.integer))
        case .numbers(let values): .array(values.map(JSON.number))
        case .bools(let values): .array(values.map(JSON.bool))
        case .strings(let values): .array(values.map(JSON.string))
        }
    }
}
