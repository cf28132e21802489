import ArgumentParser
import Foundation
import Glibc
import TellerMessages
import Transformer

/// `teller model generate`
struct ModelGenerate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continue a prompt.",
        discussion: """
            Without --temperature the likeliest token is taken each time, and the answer is the same on every run, machine and \
            number of threads. With it, --top-k, --top-p and --min-p narrow the choice, in that order.

              teller model generate --prompt 'The capital of France is' --max-new-tokens 20
              teller model generate --prompt 'Once' --temperature 0.8 --min-p 0.05 --seed 7 --stream
              teller model generate --prompt 'Q: 2+2? A:' --stop 'Q:' --output json

            With --chat the prompt is a user's message, put into the words that the checkpoint was taught for a conversation; \
            special tokens in it are text like any other. --template names these words where the checkpoint does not.

              teller model generate --model ~/models/Qwen2.5-0.5B-Instruct --chat --prompt 'What is a bond?' --stream
            """)

    @Option(help: "The prompt as token ids, separated by commas.")
    var tokens: TokenList?

    @Option(help: "The prompt as text, in which special tokens are read as such unless it is a --chat.")
    var prompt: String?

    @Flag(help: "Read the prompt as a user's message.")
    var chat = false

    @Option(help: ArgumentHelp("What the assistant is told before the message.", valueName: "text"))
    var system: String?

    @Option(
        help: ArgumentHelp(
            "How a conversation is written: \(ChatTemplate.names.joined(separator: ", ")) (default: as the checkpoint says).",
            valueName: "name"))
    var template: String?

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

    @Option(help: "Sample from the tokens that are at least so many times as likely as the likeliest.")
    var minP: Float?

    @Option(help: "Divide a token's logit by this number when it occurred before; 1 changes nothing.")
    var repetitionPenalty: Float = 1

    @Option(help: "The seed to sample with.")
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("End before this text; may be given more than once.", valueName: "text"))
    var stop: [String] = []

    @Flag(help: "Go on past the model's end-of-sequence tokens.")
    var ignoreEos = false

    @Flag(help: "Print the text as it is written.")
    var stream = false

    @OptionGroup var checkpoint: CheckpointOptions

    func validate() throws {
        guard (self.tokens == nil) != (self.prompt == nil) else { throw ValidationError("give either --tokens or --prompt") }
        guard !self.chat || self.prompt != nil else { throw ValidationError("--chat needs a --prompt") }
        guard self.chat || (self.system == nil && self.template == nil) else {
            throw ValidationError("--system and --template are for a --chat")
        }
        guard self.maxNewTokens > 0 else { throw ValidationError("--max-new-tokens takes a number above 0") }
        guard !(self.greedy && self.temperature != nil) else { throw ValidationError("--greedy and --temperature exclude each other") }
        guard self.temperature.map({ $0 > 0 && $0.isFinite }) != false else {
            throw ValidationError("--temperature takes a number above 0")
        }
        guard self.temperature != nil || (self.topK == nil && self.topP == nil && self.minP == nil) else {
            throw ValidationError("--top-k, --top-p and --min-p choose among tokens by chance: give a --temperature too")
        }
        guard !self.stream || self.checkpoint.options.output == .text else {
            throw ValidationError("--stream is for people: leave out --output json")
        }
    }

    func run() async throws {
        try await reportingFailure {
            let engine = try self.checkpoint.engine()
            let request = try self.request(engine.model)
            if self.stream {
                try await Self.stream(engine, request)
                return
            }
            let generation = try await engine.generate(request)
            self.checkpoint.options.show([
                "ids": .array(generation.tokens.map { .integer($0) }), "text": .string(generation.text),
                "finish": .string(generation.finish.rawValue),
            ]) { generation.text }
        }
    }

    private func request(_ model: LanguageModel) throws -> GenerationRequest {
        var request = GenerationRequest(
            prompt: self.tokens?.tokens ?? [], maximumNewTokens: self.maxNewTokens, sampling: self.sampling,
            stopStrings: self.stop, ignoreEndOfSequence: self.ignoreEos)
        if self.chat {
            let name = self.template ?? ProcessInfo.processInfo.environment["TELLER_CHAT_TEMPLATE"]
            let template = try name.map { try ChatTemplate(named: $0) } ?? model.chatTemplate.get()
            let messages = [self.system.map { ChatMessage(.system, $0) }, ChatMessage(.user, self.prompt ?? "")]
            request.prompt = try template.tokens(of: messages.compactMap(\.self), with: model.tokenizer)
            if !self.ignoreEos {
                request.stopTokens = Set(model.configuration.endOfSequence + template.endOfMessage(model.tokenizer))
            }
        } else if let prompt = self.prompt {
            request.prompt = model.tokenizer.encode(prompt, special: true)
        }
        return request
    }

    private var sampling: Sampling {
        guard let temperature = self.temperature else { return .greedy(repetitionPenalty: self.repetitionPenalty) }
        return .random(
            temperature: temperature, topK: self.topK, topP: self.topP, minP: self.minP,
            repetitionPenalty: self.repetitionPenalty, seed: self.seed)
    }

    private static func stream(_ engine: InferenceEngine, _ request: GenerationRequest) async throws {
        for try await chunk in engine.stream(request) {
            if case .text(let text) = chunk { try FileDescriptorText.standardOutput(text) }
        }
        try FileDescriptorText.standardOutput("\n")
    }
}

extension FileDescriptorText {
    /// Past the buffer, so that it is seen at once.
    static func standardOutput(_ text: String) throws {
        print(text, terminator: "")
        fflush(nil)
    }
}
