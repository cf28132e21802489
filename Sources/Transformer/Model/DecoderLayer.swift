/// A linear layer: a matrix and, in some families, a bias.
struct LinearWeights: Sendable {
    let matrix: WeightMatrix
    let bias: [Float]?
}

/// A norm: root-mean-square where it has a scale only, a layer norm where it has an offset too.
struct NormWeights: Sendable {
    let scale: [Float]
    let offset: [Float]?
}

/// One block of a decoder: attention, then a feed-forward network, each normalised before and added to the hidden state.
struct DecoderLayer: Sendable {
    enum FeedForward: Sendable {
        /// down(silu(gate(x)) · up(x))
        case gated(gate: LinearWeights, up: LinearWeights, down: LinearWeights)
        /// down(gelu(up(x)))
        case plain(up: LinearWeights, down: LinearWeights)
    }

    let attentionNorm: NormWeights
    let query: LinearWeights
    let key: LinearWeights
    let value: LinearWeights
    let output: LinearWeights
    /// Per head, where queries and keys are normalised.
    let queryNorm: NormWeights?
    let keyNorm: NormWeights?
    let feedForwardNorm: NormWeights
    let feedForward: FeedForward
}

extension DecoderLayer {
    /// A block of the Llama family; names as in its checkpoints.
    init(
        llama map: inout WeightMap, prefix: String, _ configuration: ModelConfiguration
    ) throws(TransformerError) {
        let hidden = configuration.hiddenSize
        let inner = configuration.intermediateSize
        let inputBias = configuration.hasQueryKeyValueBias
        let innerBias = configuration.hasFeedForwardBias
        let attention = "\(prefix).self_attn"
        self.attentionNorm = try map.norm("\(prefix).input_layernorm", count: hidden)
        self.query = try map.linear("\(attention).q_proj", configuration.querySize, hidden, bias: inputBias)
        self.key = try map.linear("\(attention).k_proj", configuration.keyValueSize, hidden, bias: inputBias)
        self.value = try map.linear("\(attention).v_proj", configuration.keyValueSize, hidden, bias: inputBias)
        self.output = try map.linear(
            "\(attention).o_proj", hidden, configuration.querySize, bias: configuration.hasOutputBias)
        if configuration.normalizesQueriesAndKeys {
            self.queryNorm = try map.norm("\(attention).q_norm", count: configuration.headDimension)
            self.keyNorm = try map.norm("\(attention).k_norm", count: configuration.headDimension)
        } else {
            self.queryNorm = nil
            self.keyNorm = nil
        }
        self.feedForwardNorm = try map.norm("\(prefix).post_attention_layernorm", count: hidden)
        self.feedForward = .gated(
            gate: try map.linear("\(prefix).mlp.gate_proj", inner, hidden, bias: innerBias),
            up: try map.linear("\(prefix).mlp.up_proj", inner, hidden, bias: innerBias),
            down: try map.linear("\(prefix).mlp.down_proj", hidden, inner, bias: innerBias))
    }

    /// A block of GPT-2; names as in its checkpoints.
    init(gpt2 map: inout WeightMap, prefix: String, _ configuration: ModelConfiguration) throws(TransformerError) {
        let hidden = configuration.hiddenSize
        let inner = configuration.intermediateSize
        self.attentionNorm = try map.norm("\(prefix).ln_1", count: hidden, bias: true)
        let projections = try map.transposedLinear("\(prefix).attn.c_attn", 3 * hidden, hidden, parts: 3)
        (self.query, self.key, self.value) = (projections[0], projections[1], projections[2])
        self.output = try map.transposedLinear("\(prefix).attn.c_proj", hidden, hidden)[0]
        (self.queryNorm, self.keyNorm) = (nil, nil)
        self.feedForwardNorm = try map.norm("\(prefix).ln_2", count: hidden, bias: true)
        self.feedForward = .plain(
            up: try map.transposedLinear("\(prefix).mlp.c_fc", inner, hidden)[0],
            down: try map.transposedLinear("\(prefix).mlp.c_proj", hidden, inner)[0])
    }
}
