/// The shape of a decoder-only transformer, as `config.json` gives it.
public struct ModelConfiguration: Sendable, Hashable {
    /// The families whose forward pass is computed exactly.
    public enum Architecture: String, Sendable, Hashable, CaseIterable {
        case llama = "LlamaForCausalLM"
        case mistral = "MistralForCausalLM"
        case qwen2 = "Qwen2ForCausalLM"
        case qwen3 = "Qwen3ForCausalLM"
        case gpt2 = "GPT2LMHeadModel"
    }

    public let architecture: Architecture
    public let vocabularySize: Int
    public let hiddenSize: Int
    public let intermediateSize: Int
    public let layerCount: Int
    public let headCount: Int
    /// Heads of keys and values, each shared by `headCount / keyValueHeadCount` query heads.
    public let keyValueHeadCount: Int
    public let headDimension: Int
    /// The most tokens of one sequence, prompt and answer together.
    public let contextLength: Int
    /// How many positions a token attends to, its own included; nil for all.
    public let slidingWindow: Int?
    /// Added to the mean square, or the variance, in every norm.
    public let normEpsilon: Float
    /// How positions turn queries and keys; nil where positions are learnt instead.
    public let rotaryEmbedding: RotaryEmbedding?
    /// Whether the output head is the embedding matrix.
    public let tiesEmbeddings: Bool
    /// Whether the query, key and value projections have biases.
    public let hasQueryKeyValueBias: Bool
    /// Whether the attention's output projection has a bias.
    public let hasOutputBias: Bool
    /// Whether the projections of the feed-forward block have biases.
    public let hasFeedForwardBias: Bool
    /// The token that starts a sequence, where the configuration names one.
    public let beginningOfSequence: TokenID?
    /// The tokens that end a sequence.
    public let endOfSequence: [TokenID]

    /// Whether each query and key head is normalised before its rotation.
    public var normalizesQueriesAndKeys: Bool { self.architecture == .qwen3 }
    /// Numbers in a token's queries.
    public var querySize: Int { self.headCount * self.headDimension }
    /// Numbers in a token's keys, and in its values, of one layer.
    public var keyValueSize: Int { self.keyValueHeadCount * self.headDimension }
}
