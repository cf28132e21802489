import ArgumentParser
import DeadLetters
import TellerMessages

/// `teller dead stats`
struct DeadStats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Count dead letters by state, class, queue and source.")

    @OptionGroup var selection: DeadSelectionOptions

    @OptionGroup var options: CommandOptions

    func run() async throws {
        try await self.options.withOperator { database in
            let statistics = try await DeadLetterArchive(database: database).statistics(self.selection.selection)
            self.options.show(statistics.json) { statistics.text }
        }
    }
}

extension DeadLetterStatistics {
    fileprivate var text: String {
        guard let oldest = self.oldest, let newest = self.newest else { return "No dead letters." }
        var lines = ["\(self.count) dead letters, \(self.lastDay) of the last day, \(self.lastHour) of the last hour"]
        for (name, counts) in [("state", self.byState), ("class", self.byClass), ("queue", self.byQueue), ("source", self.bySource)] {
            let parts = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
            lines.append("by \(name): \(parts.joined(separator: ", "))")
        }
        lines.append("oldest \(oldest.rfc3339), newest \(newest.rfc3339)")
        return lines.joined(separator: "\n")
    }
}
