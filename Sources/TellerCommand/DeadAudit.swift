import ArgumentParser
import DeadLetters
import Foundation
import TellerMessages

/// `teller dead audit`
struct DeadAudit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "List what operators did, or verify that the record of it is whole.",
        discussion: """
            The entries form a chain: each holds the hash of the one before. --verify computes every hash anew and prints the head; exit 65 \
            when an entry was changed, taken out or moved. What was cut off at the end shows only against a head that was written down \
            elsewhere: give it with --head.
            """)

    @Flag(help: "Check the whole chain.")
    var verify = false

    @Option(help: ArgumentHelp("A head that an earlier --verify printed.", valueName: "position:hash"))
    var head: String?

    @Option(help: "Only entries of this operation.")
    var operation: String?

    @Option(help: "Only entries about this dead letter.")
    var failure: String?

    @Option(help: "At most this many entries.")
    var limit = 50

    @OptionGroup var options: CommandOptions

    func validate() throws {
        guard self.head == nil || self.verify else { throw ValidationError("--head is for --verify") }
        guard self.head == nil || self.anchor != nil else { throw ValidationError("--head takes POSITION:HASH, as --verify prints it") }
        for id in [self.operation, self.failure] {
            guard let id, UUID(uuidString: id) == nil else { continue }
            throw ValidationError("an id is a UUID")
        }
        guard (1...10_000).contains(self.limit) else { throw ValidationError("--limit takes 1 to 10000") }
    }

    private var anchor: AuditHead? { self.head.flatMap(AuditHead.init) }

    func run() async throws {
        try await self.options.withOperator { database in
            let chain = AuditChain(database: database)
            if self.verify { return try await self.check(chain) }
            let entries = try await chain.list(
                operation: self.operation.flatMap { UUID(uuidString: $0) }, failure: self.failure.flatMap { UUID(uuidString: $0) },
                limit: self.limit)
            self.options.show(.array(entries.map(\.json))) {
                entries.isEmpty ? "No entries." : entries.map(\.line).joined(separator: "\n")
            }
        }
    }

    private func check(_ chain: AuditChain) async throws {
        let found = try await chain.verify(against: self.anchor)
        self.options.show([
            "entries": .integer(found.count), "head": found.head.map { .string("\($0)") } ?? .null,
            "fault": found.fault.map { .string("\($0)") } ?? .null,
        ]) {
            if let fault = found.fault { return "The chain is broken: \(fault). The \(found.count) entries before are whole." }
            return "\(found.count) entries, all whole. Head: \(found.head.map { "\($0)" } ?? "none")"
        }
        if found.fault != nil { throw ExitStatus.data }
    }
}

extension AuditEntry {
    fileprivate var line: String {
        ["\(self.position)", self.at.rfc3339, self.actor, self.action, self.failure.isEmpty ? "-" : self.failure, self.detail]
            .joined(separator: "  ")
    }
}
