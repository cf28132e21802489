import ArgumentParser
import TellerMessages
import Transformer

/// `teller model generate`
struct ModelGenerate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "generate", abstract: "Continue a prompt.")

    @Option(help: "The prompt as token ids, separated by commas.")
    var tokens: TokenList?

    @Option(help: "The prompt as text, in which special tokens are read as such.")
    var prompt: String?

    @Option(help: "How many tokens to generate at most.")
    var maxNewTokens = 128

    @Flag(help: "Take the likeliest token each time (the default without --temperature).")
    var greedy = false

    @Option(help: "Sample at this temperature.")
    var temperature: Float?

    @Option(help: "Sample from this many of the likeliest tokens.")
    var topK: Int?

    @Option(help: "Sample from the likeliest tokens that together have this probability.")
    var topP: Float?

    @Option(help: "The seed to sample with.")
    var seed: UInt64 = 0

    @Flag(help: "Go on past the model's end-of-sequence tokens.")
    var ignoreEos = false

    @OptionGroup var checkpoint: CheckpointOptions

    func validate() throws {
        guard (self.tokens == nil) != (self.prompt == nil) else { throw ValidationError("give either --tokens or --prompt") }
        guard self.maxNewTokens > 0 else { throw ValidationError("--max-new-tokens takes a number above 0") }
        guard !(self.greedy && self.temperature != nil) else { throw ValidationError("--greedy and --temperature exclude each other") }
        guard self.temperature.map({ $0 > 0 && $0.isFinite }) != false else {
            throw ValidationError("--temperature takes a number above 0")
        }
    }

    func run() async throws {
        try await reportingFailure {
            let engine = try self.checkpoint.engine()
            let prompt = self.tokens?.tokens ?? engine.model.tokenizer.encode(self.prompt ?? "", special: true)
            let sampling: Sampling = self.temperature.map {
                .random(temperature: $0, topK: self.topK, topP: self.topP, seed: self.seed)
            } ?? .greedy
            let generation = try await engine.generate(
                GenerationRequest(
                    prompt: prompt, maximumNewTokens: self.maxNewTokens, sampling: sampling, ignoreEndOfSequence: self.ignoreEos))
            self.checkpoint.options.show([
                "ids": .array(generation.tokens.map { .integer($0) }), "text": .string(generation.text),
                "finish": .string(generation.finish.rawValue),
            ]) { generation.text }
        }
    }
}
