/// A checkpoint ready to compute: its shape, its tokenizer and its weights, immutable and shared by engines.
public final class LanguageModel: Sendable {
    public let configuration: ModelConfiguration
    /// Without any token where the checkpoint has no tokenizer: such a model computes on token ids alone.
    public let tokenizer: Tokenizer
    /// How the model is spoken to, or why that is not known.
    public let chatTemplate: Result<ChatTemplate, TransformerError>
    /// The name of the checkpoint's directory or file.
    public let name: String
    /// 16 hexadecimal digits that are the same for the same configuration, tokenizer and weights.
    public let revision: String
    /// The format of most of the layers' weights.
    public let weights: WeightFormat
    /// Numbers in the weights, tied ones once.
    public let parameterCount: Int
    /// Bytes of weights in each format.
    public let memory: [WeightFormat: Int]

    let parameters: DecoderWeights

    private init(
        _ configuration: ModelConfiguration, _ tokenizer: Tokenizer, _ parameters: DecoderWeights,
        chatTemplate: Result<ChatTemplate, TransformerError>, name: String, revision: String
    ) {
        self.configuration = configuration
        self.tokenizer = tokenizer
        self.chatTemplate = chatTemplate
        self.name = name
        self.revision = revision
        self.weights = parameters.format
        self.parameterCount = parameters.parameterCount
        self.memory = parameters.memory
        self.parameters = parameters
    }

    /// Whether the model can read and write text.
    public var hasTokenizer: Bool { self.tokenizer.vocabularySize > 0 }

    /// Loads a checkpoint: a Hugging Face directory (`config.json`, `model.safetensors` or its shards, and
    /// `tokenizer.json`), or a GGUF file.
    ///
    /// Weights are mapped, not read, unless they must be converted. Everything is checked; nothing is guessed.
    ///
    /// - Parameters:
    ///   - path: The directory or the file. They must not be written to while the model is in use.
    ///   - weights: The format to hold the matrices in; nil for the one they are stored in, or the nearest to it.
    ///   - progress: Hears which fraction of the weights is ready, on the thread that loads.
    public static func load(
        path: String, weights: WeightFormat? = nil, progress: (@Sendable (Double) -> Void)? = nil
    ) throws(TransformerError) -> LanguageModel {
        FileStatus.isDirectory(path)
            ? try Self.load(directory: path, weights: weights, progress: progress)
            : try Self.load(gguf: path, weights: weights, progress: progress)
    }

    /// Loads a checkpoint from a directory.
    public static func load(
        directory: String, weights: WeightFormat? = nil
    ) throws(TransformerError) -> LanguageModel {
        try Self.load(directory: directory, weights: weights, progress: nil)
    }

    private static func load(
        directory: String, weights: WeightFormat?, progress: (@Sendable (Double) -> Void)?
    ) throws(TransformerError) -> LanguageModel {
        let configuration = try ModelConfiguration(directory: directory)
        let tokenizer =
            FileStatus.exists("\(directory)/tokenizer.json") ? try Tokenizer(directory: directory) : Tokenizer.none
        try Self.check(tokenizer, configuration, source: directory)
        let checkpoint = try Checkpoint(directory: directory)
        var map = WeightMap(checkpoint, format: weights, progress: progress)
        let documents = ["config.json", "generation_config.json", "tokenizer.json"].map { "\(directory)/\($0)" }
        return LanguageModel(
            configuration, tokenizer, try DecoderWeights(&map, configuration),
            chatTemplate: Result { () throws(TransformerError) in try ChatTemplate.recognised(directory: directory) },
            name: directory.split(separator: "/").last.map(String.init) ?? "model",
            revision: try CheckpointFingerprint.revision(of: checkpoint, documents: documents))
    }

    private static func load(
        gguf path: String, weights: WeightFormat?, progress: (@Sendable (Double) -> Void)?
    ) throws(TransformerError) -> LanguageModel {
        let file = try GGUFFile(path: path)
        let configuration = try ModelConfiguration(file, source: path)
        let tokenizer = file.hasTokenizer ? try Tokenizer(gguf: file.metadata, source: path) : Tokenizer.none
        try Self.check(tokenizer, configuration, source: path)
        let checkpoint = Checkpoint(
            tensors: try GGUFNames.tensors(of: file, configuration), layout: .gguf,
            files: [Checkpoint.File(memory: file.memory, headerSize: file.headerSize)])
        var map = WeightMap(checkpoint, format: weights, progress: progress)
        let name = path.split(separator: "/").last.map(String.init) ?? "model"
        return LanguageModel(
            configuration, tokenizer, try DecoderWeights(&map, configuration),
            chatTemplate: Result { () throws(TransformerError) in
                try ChatTemplate.recognised(gguf: file.metadata, source: path)
            },
            name: name.hasSuffix(".gguf") ? String(name.dropLast(5)) : name,
            revision: try CheckpointFingerprint.revision(of: checkpoint, documents: []))
    }

    private static func check(
        _ tokenizer: Tokenizer, _ configuration: ModelConfiguration, source: String
    ) throws(TransformerError) {
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw TransformerError(
                .mismatch,
                "\(source): the tokenizer has ids up to \(tokenizer.vocabularySize - 1), the model only "
                    + "\(configuration.vocabularySize) tokens; the tokenizer belongs to another model.")
        }
    }
}
