import ArgumentParser
import DeadLetters
import Foundation
import TellerMessages

/// `teller dead discard`
struct DeadDiscard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Take open dead letters out of sight, for a reason. Nothing is deleted.",
        discussion: """
            Say which: by ids, by a selection, or with --all. Each is written to the audit chain with the reason. They are listed with \
            --state discarded. Interrupted, it has discarded what it says so far; repeat it for the rest.
            """)

    @Argument(help: "The failures' ids.")
    var ids: [String] = []

    @OptionGroup var selection: DeadSelectionOptions

    @Flag(help: "Every open dead letter, when nothing narrows the selection.")
    var all = false

    @Option(help: "Why, for whoever reads the audit chain.")
    var reason: String

    @OptionGroup var options: CommandOptions

    func validate() throws {
        guard self.ids.allSatisfy({ UUID(uuidString: $0) != nil }) else { throw ValidationError("an id is a UUID, as teller dead list prints it") }
        guard self.reason.contains(where: { !$0.isWhitespace }) else { throw ValidationError("--reason takes a reason") }
        guard self.selection.state == "open" else { throw ValidationError("only open dead letters are discarded") }
        var everything = DeadLetterSelection()
        everything.states = [.open]
        guard self.all || self.chosen != everything else { throw ValidationError("this would discard every open dead letter; say so with --all") }
    }

    private var chosen: DeadLetterSelection {
        var selection = self.selection.selection
        if !self.ids.isEmpty { selection.ids = self.ids.compactMap { UUID(uuidString: $0) } }
        return selection
    }

    func run() async throws {
        try await self.options.withOperator { database in
            let (count, operation) = try await DeadLetterArchive(database: database).discard(self.chosen, reason: self.reason) { count in
                try? FileDescriptorText.standardError("\(count) discarded\n")
            }
            self.options.show(["discarded": .integer(count), "operation": .string(operation.uuidString.lowercased())]) {
                "Discarded \(count). In the audit chain: teller dead audit --operation \(operation.uuidString.lowercased())"
            }
        }
    }
}
