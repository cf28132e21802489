/// Every weight of a decoder-only model.
struct DecoderWeights: Sendable {
    let embedding: WeightMatrix
    /// What is added to a token's embedding at each position, where positions are learnt instead of rotary.
    let positions: WeightMatrix?
    let layers: [DecoderLayer]
    let norm: NormWeights
    /// Turns a hidden state into logits; the embedding itself where the two are tied.
    let head: WeightMatrix
    /// The format of most of the layers.
    let format: WeightFormat
    /// Numbers in the checkpoint's tensors, tied ones once.
    let parameterCount: Int
    /// Bytes of weights in each format; vectors count as f32.
    let memory: [WeightFormat: Int]

    /// Takes the weights from a checkpoint.
    init(_ map: inout WeightMap, _ configuration: ModelConfiguration) throws(TransformerError) {
        let (vocabulary, hidden) = (configuration.vocabularySize, configuration.hiddenSize)
        var layers: [DecoderLayer] = []
        if configuration.architecture == .gpt2 {
            // The first checkpoints name the body's tensors without a prefix.
            let prefix = map.contains("wte.weight") ? "" : "transformer."
            self.embedding = try map.table("\(prefix)wte.weight", vocabulary, hidden)
            self.positions = try map.table("\(prefix)wpe.weight", configuration.contextLength, hidden)
            for index in 0..<configuration.layerCount {
                layers.append(try DecoderLayer(gpt2: &map, prefix: "\(prefix)h.\(index)", configuration))
            }
            self.norm = try map.norm("\(prefix)ln_f", count: hidden, bias: true)
        } else {
            self.embedding = try map.table("model.embed_tokens.weight", vocabulary, hidden)
            self.positions = nil
            for index in 0..<configuration.layerCount {
                layers.append(try DecoderLayer(llama: &map, prefix: "model.layers.\(index)", configuration))
            }
            self.norm = try map.norm("model.norm", count: hidden)
        }
        self.layers = layers
        self.head =
            configuration.tiesEmbeddings
            ? self.embedding : try map.table("lm_head.weight", vocabulary, hidden)
        try map.finish(ignoring: configuration.tiesEmbeddings ? ["lm_head.weight"] : [])
        self.format = map.linearFormat
        self.parameterCount = map.parameterCount
        self.memory = map.memory
    }
}
