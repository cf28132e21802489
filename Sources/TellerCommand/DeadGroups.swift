import ArgumentParser
import DeadLetters
import TellerMessages

/// `teller dead groups`
struct DeadGroups: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "groups",
        abstract: "Group dead letters by cause, the largest group first.",
        discussion: """
            Those with one fingerprint failed for the same cause in the same place, under one version of the contract and one model. \
            Repeat with teller dead list --fingerprint, or plan a replay of the group.
            """)

    @OptionGroup var selection: DeadSelectionOptions

    @Option(help: "At most this many groups.")
    var limit = 50

    @OptionGroup var options: CommandOptions

    func validate() throws {
        guard (1...10_000).contains(self.limit) else { throw ValidationError("--limit takes 1 to 10000") }
    }

    func run() async throws {
        try await self.options.withOperator { database in
            let groups = try await DeadLetterArchive(database: database).groups(self.selection.selection, limit: self.limit)
            self.options.show(.array(groups.map(\.json))) {
                groups.isEmpty ? "No dead letters." : groups.map(\.line).joined(separator: "\n")
            }
        }
    }
}

extension DeadLetterGroup {
    fileprivate var line: String {
        let title = self.problem.object?["title"]?.string ?? ""
        return [
            self.fingerprint, "\(self.count)", self.failureClass, self.firstFailedAt.rfc3339, self.lastFailedAt.rfc3339,
            self.queues.joined(separator: ","), title,
        ].joined(separator: "  ")
    }
}
