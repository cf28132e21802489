import ArgumentParser
import TellerMessages
import Transformer

/// `teller model info`
struct ModelInfo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Print a checkpoint's architecture, size and tokenizer.")

    @OptionGroup var checkpoint: CheckpointOptions

    func run() async throws {
        try await reportingFailure {
            let model = try self.checkpoint.load()
            let configuration = model.configuration
            let rows: [(String, JSONValue)] = [
                ("name", .string(model.name)), ("revision", .string(model.revision)),
                ("architecture", .string(configuration.architecture.rawValue)), ("parameters", .integer(model.parameterCount)),
                ("weights", .string(model.weights.rawValue)),
                ("weight_bytes", .integer(model.memory.values.reduce(0, +))), ("layers", .integer(configuration.layerCount)),
                ("hidden_size", .integer(configuration.hiddenSize)), ("heads", .integer(configuration.headCount)),
                ("key_value_heads", .integer(configuration.keyValueHeadCount)),
                ("context_length", .integer(configuration.contextLength)),
                ("vocabulary_size", .integer(configuration.vocabularySize)), ("tokenizer", .string(model.tokenizer.kind)),
            ]
            var object = JSONObject()
            for (name, value) in rows { object[name] = value }
            self.checkpoint.options.show(.object(object)) {
                rows.map { "\($0): \($1.string ?? $1.text)" }.joined(separator: "\n")
            }
        }
    }
}
