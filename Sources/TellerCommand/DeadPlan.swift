import ArgumentParser
import DeadLetters
import Foundation
import TellerMessages

/// `teller dead plan`
struct DeadPlan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Freeze a selection of dead letters as a plan to send them again, and show what would happen.",
        discussion: """
            Nothing is sent: teller dead replay PLAN does that. What fails later does not change the plan, and a message is in one \
            unfinished plan at a time.

              teller dead plan --fingerprint 0123456789abcdef --reason "fixed in release 42" --deadline none
              teller dead plan --class poison --since 2026-11-25T00:00:00Z --patch fix.json --reason "wrong tool name in app 7.1"
              teller dead plan show PLAN --items
            """,
        subcommands: [DeadPlanMake.self, DeadPlanShow.self, DeadPlanList.self], defaultSubcommand: DeadPlanMake.self)
}

/// `teller dead plan make`, or without `make`.
struct DeadPlanMake: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "make", abstract: "Make a plan (the default).")

    @OptionGroup(title: "Selection") var selection: DeadSelectionOptions

    @Flag(help: "Every open dead letter, when nothing narrows the selection.")
    var all = false

    @Option(help: "At most this many, the oldest first.")
    var limit = 10_000

    @Option(help: "Why they are sent again; it stands in the audit.")
    var reason: String

    @Option(help: "A name for people.")
    var name = ""

    @OptionGroup(title: "Sending") var sending: DeadPlanOptions

    @Option(help: ArgumentHelp("A JSON Patch (RFC 6902) for every message's body.", valueName: "file"))
    var patch: String?

    @Flag(help: "List the messages too.")
    var items = false

    @OptionGroup var options: CommandOptions

    func validate() throws {
        guard (1...1_000_000).contains(self.limit) else { throw ValidationError("--limit takes 1 to 1000000") }
        guard self.reason.contains(where: { !$0.isWhitespace }) else { throw ValidationError("--reason says why; give one") }
        guard self.all || self.selection.selection != DeadLetterSelection() else {
            throw ValidationError("say which dead letters are meant, or --all; see teller dead groups")
        }
    }

    func run() async throws {
        try await self.options.withOperator { database in
            let patch = try self.patch.map { try JSONPatch(contentsOfFile: $0) }
            let store = ReplayStore(database: database)
            let plan = try await store.make(
                self.selection.selection, name: self.name, reason: self.reason, options: self.sending.replay, limit: self.limit)
            if let patch { try await self.edit(plan, with: patch, in: store) }
            try await DeadPlanShow.show(plan, in: store, items: self.items, after: 0, limit: 100, self.options)
        }
    }

    /// Edits every message that is to be sent. A plan of which one message does not take the edit is no plan.
    private func edit(_ plan: ReplayPlan, with patch: JSONPatch, in store: ReplayStore) async throws {
        let editor = ReplayEditor(store: store)
        var position = 0
        do {
            while case let page = try await store.items(of: plan.id, after: position, limit: 500), let last = page.last {
                for item in page where item.state == "pending" {
                    _ = try await editor.edit(item.failureID, in: plan.id, with: patch, reason: self.reason)
                }
                position = last.position
            }
        } catch {
            _ = try await store.cancel(plan.id, why: "the patch does not fit every message")
            throw error
        }
    }
}

extension JSONPatch {
    init(contentsOfFile path: String) throws {
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw ReplayError.invalidEdit("\(path) cannot be read")
        }
        do {
            try self.init(try JSONValue(parsing: bytes, maximumSize: 1 << 20))
        } catch {
            throw ReplayError.invalidEdit("\(path): \(error)")
        }
    }
}
