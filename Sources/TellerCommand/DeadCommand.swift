import ArgumentParser
import DeadLetters
import Foundation
import Postgres
import Teller

/// `teller dead`
struct DeadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead",
        abstract: "Look at requests that were given up, and decide what becomes of them.",
        discussion: """
            Reads PostgreSQL as teller_operator, who sees everything about a dead letter but the customer's words. What is done to \
            one, by whom, stands in the audit chain: teller dead audit.
            """,
        subcommands: [
            DeadList.self, DeadShow.self, DeadGroups.self, DeadStats.self, DeadExport.self, DeadImport.self, DeadDiscard.self,
            DeadIngest.self, DeadAudit.self, DeadPlan.self, DeadEdit.self, DeadReplay.self, DeadWhatIf.self,
        ])
}

extension CommandOptions {
    /// Runs the body with the database as an operator sees it; failures are reported.
    func withOperator(_ body: (OperatorDatabase) async throws -> Void) async throws {
        try await reportingFailure {
            let settings = try await self.settings()
            try await PostgresClient.withClient(try settings.ownersPostgres(), logger: self.logger()) { client in
                try await body(OperatorDatabase(postgres: client, person: Self.person))
            }
        }
    }

    /// Who sits at the tool, as the system knows them.
    private static var person: String { "\(NSUserName())@\(ProcessInfo.processInfo.hostName)" }
}
