import ArgumentParser
import Teller
import TellerMessages

/// `teller dead ingest`
struct DeadIngest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Take the queue teller.dead into the database, as every worker does.",
        discussion: """
            For when no worker runs. Takes a worker's settings, but no model. A message leaves the queue only when the database holds it; \
            a requester whose request the broker gave up gets an answer that says so.
            """)

    @Flag(help: "End when the queue is empty.")
    var once = false

    @OptionGroup var options: CommandOptions

    func run() async throws {
        try await reportingFailure {
            let configuration = try TellerConfiguration(reading: try await self.options.settings())
            let ingestion = DeadLetterIngestion(configuration, logger: self.options.logger())
            let progress = ProgressLine()
            let count = try await ingestion.run(isEndless: !self.once) { progress.show("\($0.total) taken from the queue") }
            progress.end()
            self.options.show([
                "kept": .integer(count.kept), "known": .integer(count.known), "returned": .integer(count.returned),
            ]) {
                "\(count.kept) are kept now, \(count.known) were already, \(count.returned) went back to the queue."
            }
        }
    }
}
