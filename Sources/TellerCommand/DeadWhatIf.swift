import ArgumentParser
import DeadLetters
import TellerMessages

/// `teller dead what-if`
struct DeadWhatIf: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "what-if",
        abstract: "Try dead letters or answered requests again without consequences, and show what would be answered otherwise.",
        discussion: """
            Runs the whole path with publishing and recording off: there is no connection to the broker, and the database's sessions \
            are read-only. Without --answered the dead letters of the selection are tried, with it the requests that were answered, so \
            that a new model is tried on yesterday's traffic before it is deployed:

              teller dead what-if --answered --since 2026-11-24T00:00:00Z --model ./candidate --as-of request --fail-on figures

            A message is the same, answered now (it was not before), wording changed, figures changed, plan changed, status changed, \
            or worse (it was answered, and would not be or only be asked back). Each customer's rows are read under that customer's \
            identity, as it was verified then. Which messages were tried, by whom, stands in the audit: teller dead audit.

            Exit 65 when --fail-on is given and not passed.
            """)

    @Flag(help: "Try requests that were answered; --customer, --conversation, --request, --since and --until select them.")
    var answered = false

    @OptionGroup var selection: DeadSelectionOptions

    @Option(help: "At most this many, the earliest first.")
    var limit = 1000

    @OptionGroup var whatIf: DeadWhatIfOptions

    @OptionGroup var options: CommandOptions

    func validate() throws {
        guard self.limit > 0 else { throw ValidationError("--limit takes a number above zero") }
        guard !self.answered || self.selection.concernsRequestsOnly else {
            throw ValidationError("--answered goes with --customer, --conversation, --request, --since and --until; the rest is about dead letters")
        }
    }

    func run() async throws {
        try await self.whatIf.tryOut(
            self.answered ? .answered(self.selection.requests) : .deadLetters(self.selection.selection), limit: self.limit, self.options)
    }
}

extension DeadSelectionOptions {
    /// Whether nothing is asked for that only a dead letter has.
    fileprivate var concernsRequestsOnly: Bool {
        let others = [self.failureClass, self.fingerprint, self.queue, self.problem, self.properties, self.body]
        return others.allSatisfy { $0 == nil } && self.header.isEmpty && self.state == "open"
    }

    fileprivate var requests: RequestSelection {
        let selection = self.selection
        var requests = RequestSelection()
        requests.ids = self.request.map { [$0] }
        requests.customerID = selection.customerID
        requests.conversationID = selection.conversationID
        requests.since = selection.since
        requests.until = selection.until
        return requests
    }
}
