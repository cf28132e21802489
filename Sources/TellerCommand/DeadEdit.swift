import ArgumentParser
import DeadLetters
import Foundation
import TellerMessages

/// `teller dead edit`
struct DeadEdit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change a message of a plan before it is sent.",
        discussion: """
            Applies a JSON Patch (RFC 6902) to the body, and keeps the result when it is a request that a worker can read. The original \
            stays with its dead letter, and every edit is kept with its reason. Only the edited copy is sent. The customer and the \
            conversation cannot be changed.

              [{"op": "replace", "path": "/plan/tool", "value": "account.balance"}]
            """)

    @Argument(help: "The plan's id.")
    var plan: UUID

    @Argument(help: "The dead letter's id.")
    var failure: UUID

    @Option(help: ArgumentHelp("The JSON Patch.", valueName: "file"))
    var patch: String

    @Option(help: "Why; it stands in the audit.")
    var reason: String

    @OptionGroup var options: CommandOptions

    func validate() throws {
        guard self.reason.contains(where: { !$0.isWhitespace }) else { throw ValidationError("--reason says why; give one") }
    }

    func run() async throws {
        try await self.options.withOperator { database in
            let editor = ReplayEditor(store: ReplayStore(database: database))
            let number = try await editor.edit(
                self.failure, in: self.plan, with: try JSONPatch(contentsOfFile: self.patch), reason: self.reason)
            let document: JSONValue = [
                "plan_id": .string(self.plan.uuidString.lowercased()), "failure_id": .string(self.failure.uuidString.lowercased()),
                "edit": .integer(number),
            ]
            self.options.show(document) { "Edit \(number) is kept, and is what the plan sends." }
        }
    }
}
