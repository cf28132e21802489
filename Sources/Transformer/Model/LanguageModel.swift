/// A checkpoint ready to compute: its shape, its tokenizer and its weights, immutable and shared by any number of engines.
public final class LanguageModel: Sendable {
    public let configuration: ModelConfiguration
    /// Without any token where the checkpoint has no `tokenizer.json`: such a model computes on token ids alone.
    public let tokenizer: Tokenizer
    /// The name of the checkpoint's directory.
    public let name: String
    /// 16 hexadecimal digits that are the same for the same configuration, tokenizer and weights.
    public let revision: String
    /// The format of most of the weights.
    public let weights: WeightFormat
    /// Numbers in the weights, tied ones once.
    public let parameterCount: Int
    /// Bytes of weights in each format.
    public let memory: [WeightFormat: Int]

    let parameters: DecoderWeights

    private init(
        _ configuration: ModelConfiguration, _ tokenizer: Tokenizer, _ parameters: DecoderWeights, name: String,
        revision: String
    ) {
        self.configuration = configuration
        self.tokenizer = tokenizer
        self.name = name
        self.revision = revision
        self.weights = parameters.memory.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }?.key ?? .f32
        self.parameterCount = parameters.parameterCount
        self.memory = parameters.memory
        self.parameters = parameters
    }

    /// Whether the model can read and write text.
    public var hasTokenizer: Bool { self.tokenizer.vocabularySize > 0 }

    /// Loads a Hugging Face checkpoint: `config.json`, `model.safetensors` or its shards, and `tokenizer.json`.
    ///
    /// Weights are mapped, not read, unless they must be converted. Everything is checked; nothing is guessed.
    ///
    /// - Parameters:
    ///   - directory: Where the files lie. They must not be written to while the model is in use.
    ///   - weights: The format to hold the matrices in; nil for the one they are stored in.
    public static func load(
        directory: String, weights: WeightFormat? = nil
    ) throws(TransformerError) -> LanguageModel {
        let configuration = try ModelConfiguration(directory: directory)
        let tokenizer =
            FileStatus.exists("\(directory)/tokenizer.json") ? try Tokenizer(directory: directory) : Tokenizer.none
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw TransformerError(
                .mismatch,
                "\(directory): the tokenizer has ids up to \(tokenizer.vocabularySize - 1), the model only "
                    + "\(configuration.vocabularySize) tokens; tokenizer.json belongs to another model.")
        }
        let checkpoint = try Checkpoint(directory: directory)
        let parameters = try DecoderWeights(checkpoint, configuration, format: weights)
        let documents = ["config.json", "generation_config.json", "tokenizer.json"].map { "\(directory)/\($0)" }
        return LanguageModel(
            configuration, tokenizer, parameters,
            name: directory.split(separator: "/").last.map(String.init) ?? "model",
            revision: try CheckpointFingerprint.revision(of: checkpoint, documents: documents))
    }
}
