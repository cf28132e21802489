import ArgumentParser
import Assistant
import Foundation
import TellerMessages
import Transformer

/// `teller model tokenize`
struct ModelTokenize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tokenize", abstract: "Turn a text into token ids.",
        discussion: "Reads the checkpoint's tokenizer alone; its weights need not be there.")

    @Option(help: ArgumentHelp("A file with the text, in UTF-8.", valueName: "file"))
    var textFile: String?

    @Argument(help: "The text.")
    var text: String?

    @Flag(help: "Read special tokens in the text as such; without it they are text like any other.")
    var special = false

    @OptionGroup var checkpoint: CheckpointOptions

    func validate() throws {
        guard (self.text == nil) != (self.textFile == nil) else { throw ValidationError("give either a text or --text-file") }
    }

    func run() async throws {
        try await reportingFailure {
            let tokenizer = try Tokenizer.load(path: self.checkpoint.model ?? EmbeddedModel.directory)
            let text = try self.textFile.map { try Self.read($0) } ?? self.text ?? ""
            let tokens = tokenizer.encode(text, special: self.special)
            self.checkpoint.options.show(["ids": .array(tokens.map { .integer($0) })]) {
                tokens.map { "\($0)\t\(String(decoding: tokenizer.bytes(of: $0), as: UTF8.self).debugDescription)" }
                    .joined(separator: "\n")
            }
        }
    }

    private static func read(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw MalformedMessage(.property, path, "cannot be read; does it exist?")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw MalformedMessage(.property, path, "must be UTF-8")
        }
        return text
    }
}
