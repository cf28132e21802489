import ArgumentParser
import TellerMessages
import Transformer

/// `teller model logits`
struct ModelLogits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logits", abstract: "Run the model over token ids and print its logits.")

    @Option(help: "The token ids, separated by commas.")
    var tokens: TokenList

    @Flag(help: "Print every position's logits, not the last one's only.")
    var all = false

    @OptionGroup var checkpoint: CheckpointOptions

    func run() async throws {
        try await reportingFailure {
            let logits = try await self.checkpoint.engine().logits(self.tokens.tokens, all: self.all)
            let rows = logits.map { row in JSONValue.array(row.map { .number(Self.text($0)) }) }
            let document: JSONValue = ["logits": self.all ? .array(rows) : rows.last ?? .array([])]
            self.checkpoint.options.show(document) {
                logits.enumerated().map { index, row in Self.line(row, self.all ? index : self.tokens.tokens.count - 1) }
                    .joined(separator: "\n")
            }
        }
    }

    /// JSON has no NaN and no infinity; a broken model's logits are the largest number that it has.
    private static func text(_ logit: Float) -> String {
        logit.isFinite ? "\(logit)" : "\(Float.greatestFiniteMagnitude * (logit < 0 ? -1 : 1))"
    }

    /// The five likeliest tokens of a position.
    private static func line(_ row: [Float], _ position: Int) -> String {
        let likeliest = row.indices.sorted { row[$0] > row[$1] }.prefix(5)
        return "position \(position): " + likeliest.map { "\($0) (\(row[$0]))" }.joined(separator: "  ")
    }
}
