public import ArgumentParser
import Assistant
import Foundation
import TellerMessages
public import Transformer

/// `teller model`
struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Look into a checkpoint, run it, measure it, make it smaller.",
        discussion: """
            A checkpoint is a directory with config.json, tokenizer.json and safetensors, as Hugging Face lays it out, or a GGUF \
            file. Llama, Mistral, Qwen2, Qwen3 and GPT-2 are computed exactly; what cannot be is refused with the reason.

              teller model info     --model ~/models/Qwen2.5-0.5B-Instruct
              teller model generate --model ~/models/Qwen2.5-0.5B-Instruct --weights q8 --chat --prompt 'What is a bond?' --stream
              teller model quantize ~/models/Qwen2.5-0.5B-Instruct ~/models/qwen-q8 --weights q8
              teller model bench    --model ~/models/qwen-q8 --batch 1,4,8

            Weights are held as they are stored unless --weights names a format. q8 takes a quarter of f32's memory and answers \
            about four times as fast, q4 an eighth; both round the weights in blocks of 32.
            """,
        subcommands: [
            ModelInfo.self, ModelTokenize.self, ModelLogits.self, ModelGenerate.self, ModelBench.self, ModelQuantize.self,
        ])
}

/// Which checkpoint, and how it is held.
struct CheckpointOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The checkpoint (default: the embedded model).", valueName: "directory or .gguf"))
    var model: String?

    @Option(help: "How to hold the weights (default: as stored).")
    var weights: WeightFormat?

    @OptionGroup var options: CommandOptions

    /// Loads with a progress bar where somebody sees it.
    func load() throws -> LanguageModel {
        let bar = ModelProgressBar("Loading")
        defer { bar.clear() }
        return try LanguageModel.load(path: self.model ?? EmbeddedModel.directory, weights: self.weights) { bar.show($0) }
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
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let tokens = parts.compactMap { TokenID($0.trimmingCharacters(in: .whitespaces)) }
        guard !tokens.isEmpty, tokens.count == parts.count else { return nil }
        self.tokens = tokens
    }
}
