public import ArgumentParser
import Assistant
import Foundation
import TellerMessages
public import Transformer

/// `teller model`
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Look into a checkpoint, and run it.",
        discussion: "A checkpoint is a directory with config.json, tokenizer.json and safetensors, as Hugging Face lays it out.",
        subcommands: [ModelInfo.self, ModelTokenize.self, ModelLogits.self, ModelGenerate.self])
}

/// Which checkpoint, and how it is held.
struct CheckpointOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The checkpoint (default: the embedded model).", valueName: "directory"))
    var model: String?

    @Option(help: "How to hold the weights: f32 or bf16 (default: as stored).")
    var weights: WeightFormat?

    @OptionGroup var options: CommandOptions

    func load() throws -> LanguageModel {
        try LanguageModel.load(directory: self.model ?? EmbeddedModel.directory, weights: self.weights)
    }

    func engine() throws -> InferenceEngine {
        InferenceEngine(model: try self.load(), threads: ProcessInfo.processInfo.activeProcessorCount)
    }
}

extension WeightFormat: ExpressibleByArgument {}

/// Token ids on the command line: `1,2,3`.
struct TokenList: ExpressibleByArgument {
    let tokens: [TokenID]

    init?(argument: String) {
        let parts = argument.split(separator: ",")
        let tokens = parts.compactMap { TokenID($0.trimmingCharacters(in: .whitespaces)) }
        guard !tokens.isEmpty, tokens.count == parts.count else { return nil }
        self.tokens = tokens
    }
}
