import ArgumentParser
import TellerMessages
import Transformer

/// `teller model info`
struct ModelInfo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Print a checkpoint's architecture, size, memory, tokenizer and chat template.",
        discussion: """
            The memory of the weights is given for each format that --weights takes, and as the checkpoint is held now. Keys and \
            values come to it: their bytes are given for one token of context.

              teller model info --model ~/models/qwen-q8
            """)

    @OptionGroup var checkpoint: CheckpointOptions

    func run() async throws {
        try await reportingFailure {
            let model = try self.checkpoint.load()
            let rows = Self.rows(model)
            var object = JSONObject()
            for (name, value) in rows { object[name] = value }
            self.checkpoint.options.show(.object(object)) {
                rows.map { "\($0): \($1.string ?? $1.text)" }.joined(separator: "\n")
            }
        }
    }

    private static func rows(_ model: LanguageModel) -> [(String, JSONValue)] {
        let shape = model.configuration
        return [
            ("name", .string(model.name)), ("revision", .string(model.revision)),
            ("architecture", .string(shape.architecture.rawValue)), ("parameters", .integer(model.parameterCount)),
            ("weights", .string(model.weights.rawValue)),
            ("weight_bytes", .integer(model.memory.values.reduce(0, +))),
            ("weight_bytes_by_format", Self.memory(model)),
            ("key_value_bytes_per_token", .integer(2 * 4 * shape.layerCount * shape.keyValueSize)),
            ("layers", .integer(shape.layerCount)), ("hidden_size", .integer(shape.hiddenSize)),
            ("heads", .integer(shape.headCount)), ("key_value_heads", .integer(shape.keyValueHeadCount)),
            ("context_length", .integer(shape.contextLength)), ("vocabulary_size", .integer(shape.vocabularySize)),
            ("tokenizer", .string(model.hasTokenizer ? model.tokenizer.kind : "none: it takes token ids only")),
            ("chat_template", .string(Self.template(model))),
        ]
    }

    /// Which chat template the checkpoint has, or why none can be used.
    private static func template(_ model: LanguageModel) -> String {
        switch model.chatTemplate {
        case .success(let template): template.description
        case .failure(let error): "none: \(error)"
        }
    }

    /// Bytes of the weights in each format; norms and biases, which stay f32, are a thousandth and count as the rest.
    private static func memory(_ model: LanguageModel) -> JSONValue {
        let shape = model.configuration
        let vocabulary = (shape.tiesEmbeddings ? 1 : 2) * shape.vocabularySize * shape.hiddenSize
        var object = JSONObject()
        for format in WeightFormat.allCases {
            let matrices = Double(model.parameterCount - vocabulary) * Self.bytes(format)
            let embeddings = Double(vocabulary) * Self.bytes(format == .q4 ? .q8 : format)
            object[format.rawValue] = .integer(Int(matrices + embeddings))
        }
        return .object(object)
    }

    /// Bytes of a weight, with its share of a block's scale.
    private static func bytes(_ format: WeightFormat) -> Double {
        switch format {
        case .f32: 4
        case .bf16, .f16: 2
        case .q8: 1.0625
        case .q4: 0.5625
        }
    }
}
