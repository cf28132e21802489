import ArgumentParser
import DeadLetters
import Foundation
import Postgres
import Teller
import TellerMessages

/// `teller dead`
struct DeadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead",
        abstract: "Look at requests that were given up.",
        discussion: "Reads PostgreSQL as teller_operator, who sees everything about a dead letter but the customer's words.",
        subcommands: [List.self, Show.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List dead letters, the latest first.")

        @Option(name: .customLong("class"), help: "Only this failure class: poison, transient or bug.")
        var failureClass: String?

        @Option(help: "Only this fingerprint: failures of one cause.")
        var fingerprint: String?

        @Option(help: "Only from this queue.")
        var queue: String?

        @Option(help: "Only those that failed at or after this instant (RFC 3339).")
        var since: String?

        @Option(help: "At most this many.")
        var limit = 50

        @OptionGroup var options: CommandOptions

        func validate() throws {
            guard (1...10_000).contains(self.limit) else { throw ValidationError("--limit takes 1 to 10000") }
            if let since = self.since, Date(rfc3339: since) == nil {
                throw ValidationError("--since takes an RFC 3339 instant, such as 2026-11-25T00:00:00Z")
            }
        }

        func run() async throws {
            var filter = DeadLetterArchive.Filter()
            filter.failureClass = self.failureClass
            filter.fingerprint = self.fingerprint
            filter.queue = self.queue
            filter.since = self.since.flatMap { Date(rfc3339: $0) }
            filter.limit = self.limit
            try await self.options.withArchive { [filter] archive in
                let letters = try await archive.list(filter)
                self.options.show(.array(letters.map(\.json))) {
                    letters.isEmpty ? "No dead letters." : letters.map(\.line).joined(separator: "\n")
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one dead letter, by its own id or its request's.")

        @Argument(help: "The failure's id or the request's.")
        var id: String

        @OptionGroup var options: CommandOptions

        func run() async throws {
            try await self.options.withArchive { archive in
                let letters = try await archive.show(self.id)
                guard !letters.isEmpty else {
                    try FileDescriptorText.standardError("teller: there is no dead letter with that id; see teller dead list\n")
                    throw ExitStatus.data
                }
                self.options.show(.array(letters.map(\.json))) { letters.map(\.page).joined(separator: "\n\n") }
            }
        }
    }
}

extension CommandOptions {
    fileprivate func withArchive(_ body: (DeadLetterArchive) async throws -> Void) async throws {
        try await reportingFailure {
            let settings = try await self.settings()
            try await PostgresClient.withClient(try settings.ownersPostgres(), logger: self.logger()) { client in
                try await body(DeadLetterArchive(postgres: client))
            }
        }
    }
}

extension DeadLetterRecord {
    fileprivate var line: String {
        let id = self.id.uuidString.lowercased()
        return "\(self.lastFailedAt.rfc3339)  \(id)  \(self.failureClass)  \(self.fingerprint)  \(self.queue)  \(self.requestID ?? "-")"
    }

    fileprivate var page: String {
        self.json.object?.members.map { "\($0.name): \($0.value.string ?? $0.value.text)" }.joined(separator: "\n") ?? ""
    }
}
