/// A linear layer: a matrix and, in some families, a bias.
struct LinearWeights: Sendable {
    let matrix: WeightMatrix
    let bias: [Float]?
}

/// One block of the decoder; names as in the checkpoint.
struct DecoderLayer: Sendable {
    let inputNorm: [Float]
    let query: LinearWeights
    let key: LinearWeights
    let value: LinearWeights
    let output: LinearWeights
    /// Per head, where queries and keys are normalised.
    let queryNorm: [Float]?
    let keyNorm: [Float]?
    let postAttentionNorm: [Float]
    let gate: LinearWeights
    let up: LinearWeights
    let down: LinearWeights

    var matrices: [WeightMatrix] {
        [self.query, self.key, self.value, self.output, self.gate, self.up, self.down].map(\.matrix)
    }

    init(_ map: inout WeightMap, prefix: String, _ configuration: ModelConfiguration) throws(TransformerError) {
        let hidden = configuration.hiddenSize
        let inner = configuration.intermediateSize
        let inputBias = configuration.hasQueryKeyValueBias
        let innerBias = configuration.hasFeedForwardBias
        let attention = "\(prefix).self_attn"
        self.inputNorm = try map.vector("\(prefix).input_layernorm.weight", count: hidden)
        self.query = try map.linear("\(attention).q_proj", configuration.querySize, hidden, bias: inputBias)
        self.key = try map.linear("\(attention).k_proj", configuration.keyValueSize, hidden, bias: inputBias)
        self.value = try map.linear("\(attention).v_proj", configuration.keyValueSize, hidden, bias: inputBias)
        self.output = try map.linear(
            "\(attention).o_proj", hidden, configuration.querySize, bias: configuration.hasOutputBias)
        if configuration.normalizesQueriesAndKeys {
            self.queryNorm = try map.vector("\(attention).q_norm.weight", count: configuration.headDimension)
            self.keyNorm = try map.vector("\(attention).k_norm.weight", count: configuration.headDimension)
        } else {
            self.queryNorm = nil
            self.keyNorm = nil
        }
        self.postAttentionNorm = try map.vector("\(prefix).post_attention_layernorm.weight", count: hidden)
        self.gate = try map.linear("\(prefix).mlp.gate_proj", inner, hidden, bias: innerBias)
        self.up = try map.linear("\(prefix).mlp.up_proj", inner, hidden, bias: innerBias)
        self.down = try map.linear("\(prefix).mlp.down_proj", hidden, inner, bias: innerBias)
    }
}

/// Every weight of a decoder-only model.
struct DecoderWeights: Sendable {
    let embedding: WeightMatrix
    let layers: [DecoderLayer]
    let norm: [Float]
    /// Turns a hidden state into logits; the embedding itself where the two are tied.
    let head: WeightMatrix
    /// Numbers in the checkpoint's tensors, tied ones once.
    let parameterCount: Int
    /// Bytes of weights in each format; vectors count as f32.
    let memory: [WeightFormat: Int]

    /// Takes the weights from a checkpoint, converted to `format` unless that is nil.
    init(
        _ checkpoint: Checkpoint, _ configuration: ModelConfiguration, format: WeightFormat?
    ) throws(TransformerError) {
        var map = WeightMap(checkpoint.tensors, format: format)
        let vocabulary = configuration.vocabularySize
        self.embedding = try map.matrix("model.embed_tokens.weight", vocabulary, configuration.hiddenSize)
        var layers: [DecoderLayer] = []
        for index in 0..<configuration.layerCount {
            layers.append(try DecoderLayer(&map, prefix: "model.layers.\(index)", configuration))
        }
        self.layers = layers
        self.norm = try map.vector("model.norm.weight", count: configuration.hiddenSize)
        self.head =
            configuration.tiesEmbeddings
            ? self.embedding : try map.matrix("lm_head.weight", vocabulary, configuration.hiddenSize)
        try map.finish(ignoring: configuration.tiesEmbeddings ? ["lm_head.weight"] : [])
        self.parameterCount = map.parameterCount
        self.memory = map.memory
    }
}
