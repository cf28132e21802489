import ArgumentParser
import DeadLetters
import Foundation
import TellerMessages

/// `teller dead list`
struct DeadList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List dead letters, the latest first.",
        discussion: "A page ends with the cursor of the next one: repeat the command with --after.")

    @OptionGroup var selection: DeadSelectionOptions

    @Option(help: "At most this many.")
    var limit = 50

    @Option(help: ArgumentHelp("Go on after this place, which the page before printed.", valueName: "cursor"))
    var after: String?

    @OptionGroup var options: CommandOptions

    func validate() throws {
        guard (1...10_000).contains(self.limit) else { throw ValidationError("--limit takes 1 to 10000") }
        guard self.after == nil || self.cursor != nil else { throw ValidationError("--after takes a cursor that this command printed") }
    }

    private var cursor: DeadLetterCursor? { self.after.flatMap(DeadLetterCursor.init) }

    func run() async throws {
        try await self.options.withOperator { database in
            let letters = try await DeadLetterArchive(database: database).list(
                self.selection.selection, after: self.cursor, limit: self.limit)
            let next = letters.count == self.limit ? letters.last?.cursor : nil
            self.options.show(["letters": .array(letters.map(\.json)), "next": next.map { .string("\($0)") } ?? .null]) {
                guard !letters.isEmpty else { return "No dead letters." }
                return (letters.map(\.line) + (next.map { ["More: --after \($0)"] } ?? [])).joined(separator: "\n")
            }
        }
    }
}

extension DeadLetterRecord {
    fileprivate var line: String {
        [
            self.lastFailedAt.rfc3339, self.id.uuidString.lowercased(), self.state.rawValue, self.failureClass, self.fingerprint,
            self.queue, self.requestID ?? "-",
        ].joined(separator: "  ")
    }
}
