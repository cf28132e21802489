import ArgumentParser
import DeadLetters
import Foundation
import TellerMessages

/// Which dead letters a command is about.
struct DeadSelectionOptions: ParsableArguments {
    @Option(help: "Only in this state: open, replaying, replayed or discarded, or all.")
    var state = "open"

    @Option(name: .customLong("class"), help: "Only this failure class: poison, transient, bug, expired.")
    var failureClass: String?

    @Option(help: "Only this fingerprint: failures of one cause in one place.")
    var fingerprint: String?

    @Option(help: "Only from this queue.")
    var queue: String?

    @Option(help: "Only of this customer, where it was verified.")
    var customer: String?

    @Option(help: "Only of this conversation.")
    var conversation: String?

    @Option(help: "Only of this request.")
    var request: String?

    @Option(help: ArgumentHelp("Only those that failed at or after this instant (RFC 3339).", valueName: "instant"))
    var since: String?

    @Option(help: ArgumentHelp("Only those that failed before this instant.", valueName: "instant"))
    var until: String?

    @Option(help: ArgumentHelp("Only with this header; may be repeated, and then all must match.", valueName: "name=value"))
    var header: [String] = []

    @Option(help: ArgumentHelp("Only where this SQL/JSON path condition holds for the problem: '$.status == 503'.", valueName: "path"))
    var problem: String?

    @Option(help: ArgumentHelp("Only where it holds for the properties: '$.priority > 4'.", valueName: "path"))
    var properties: String?

    @Option(help: ArgumentHelp("Only where it holds for the body's ids: '$.channel == \"app\"'.", valueName: "path"))
    var body: String?

    func validate() throws {
        guard self.state == "all" || DeadLetterState(rawValue: self.state) != nil else {
            throw ValidationError("--state takes \(DeadLetterState.allCases.map(\.rawValue).joined(separator: ", ")) or all")
        }
        for (name, text) in [("since", self.since), ("until", self.until)] {
            guard let text, Date(rfc3339: text) == nil else { continue }
            throw ValidationError("--\(name) takes an RFC 3339 instant, such as 2026-11-25T00:00:00Z")
        }
        guard self.header.allSatisfy({ $0.contains("=") }) else { throw ValidationError("--header takes NAME=VALUE") }
    }

    var selection: DeadLetterSelection {
        var selection = DeadLetterSelection()
        selection.states = DeadLetterState(rawValue: self.state).map { [$0] } ?? []
        selection.failureClass = self.failureClass
        selection.fingerprint = self.fingerprint
        selection.queue = self.queue
        selection.customerID = self.customer
        selection.conversationID = self.conversation
        selection.requestID = self.request
        selection.since = self.since.flatMap { Date(rfc3339: $0) }
        selection.until = self.until.flatMap { Date(rfc3339: $0) }
        selection.headers = self.header.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return DeadLetterSelection.Header(name: String(parts[0]), value: String(parts[1]))
        }
        selection.paths[.problem] = self.problem
        selection.paths[.properties] = self.properties
        selection.paths[.body] = self.body
        return selection
    }
}
