import ArgumentParser
import Foundation
import Ledger
import Logging
import Postgres
import Schemas
import Teller
import TellerMessages

/// `teller database`
struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "database",
        abstract: "Bring the database up to date, check it, or load the demonstration bank.",
        discussion: """
            Uses TELLER_POSTGRES_ADMIN_URL (the owner's login) where it is set, else TELLER_POSTGRES_URL. The worker's own login \
            needs no more than membership in teller_worker.
            """,
        subcommands: [Migrate.self, Check.self, Demo.self])

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply what is missing, and install the ticket key.",
            discussion: """
                Safe to repeat and to run from several places at once. The key of TELLER_TICKET_KEY_FILE, when it is set, becomes the \
                one that customers' tickets are checked with; an earlier key stays valid for an hour.
                """)

        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            try await self.database.withClient { client, settings in
                let applied = try await DatabaseCommand.migrator().migrate(on: client)
                let keyFile = settings.text("ticket.key.file")
                if let keyFile { _ = try await client.query(try TicketKey(contentsOfFile: keyFile).installation) }
                self.database.options.show([
                    "applied": .array(applied.map { .string($0) }), "ticket_key_installed": .bool(keyFile != nil),
                ]) {
                    let migrations = applied.isEmpty ? "Nothing to apply." : "Applied: \(applied.joined(separator: ", "))."
                    return migrations + (keyFile == nil ? " No ticket key: TELLER_TICKET_KEY_FILE is not set." : " The ticket key is installed.")
                }
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say which migrations are missing; exit 78 when some are.")

        @OptionGroup var database: DatabaseOptions

        func run() async throws {
            try await self.database.withClient { client, _ in
                let pending = try await DatabaseCommand.migrator().pending(on: client)
                self.database.options.show(["pending": .array(pending.map { .string($0) })]) {
                    pending.isEmpty ? "The database is up to date." : "Missing: \(pending.joined(separator: ", ")). Run: teller database migrate"
                }
                if !pending.isEmpty { throw ExitStatus.configuration }
            }
        }
    }

    struct Demo: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Load the demonstration customers, or load them afresh.",
            discussion: "Eighteen months of invented transactions up to the day given, the same each time. Other customers are not touched.")

        @Option(help: ArgumentHelp("The day that the data ends with (default: today).", valueName: "yyyy-mm-dd"))
        var asOf: String?

        @OptionGroup var database: DatabaseOptions

        func validate() throws {
            guard self.asOf == nil || self.anchor != nil else { throw ValidationError("--as-of takes a day, such as 2026-11-25") }
        }

        private var anchor: Date? { self.asOf.flatMap { Date(rfc3339: "\($0)T12:00:00Z") } }

        func run() async throws {
            try await self.database.withClient { client, _ in
                try await DemoLedger(anchor: self.anchor ?? Date()).load(into: client, articles: Schemas.articles)
                self.database.options.show(["customers": .array(DemoLedger.customerIDs.map { .string($0) })]) {
                    "Loaded \(DemoLedger.customerIDs.joined(separator: ", "))."
                }
            }
        }
    }

    static func migrator() throws -> PostgresMigrator {
        try PostgresMigrator(
            table: "teller.migrations", migrations: Schemas.migrations.map { PostgresMigration(name: $0.name, sql: $0.sql) })
    }
}

/// Which database, and how to print.
struct DatabaseOptions: ParsableArguments {
    @Option(help: "The database's URL, in place of the environment's.")
    var url: String?

    @OptionGroup var options: CommandOptions

    func withClient(_ body: (PostgresClient, SettingsSource) async throws -> Void) async throws {
        try await reportingFailure {
            let settings = try await self.options.settings()
            var configuration = try self.url.map { try PostgresConfiguration(url: $0) } ?? settings.ownersPostgres()
            // Migrations and loading take longer than a request's statements may.
            configuration.statementTimeout = .seconds(300)
            configuration.queryDeadline = .seconds(310)
            try await PostgresClient.withClient(configuration, logger: self.options.logger()) { client in
                try await body(client, settings)
            }
        }
    }
}

extension SettingsSource {
    /// The owner's login where there is one, else the worker's.
    func ownersPostgres() throws -> PostgresConfiguration {
        try self.postgres(self.text("postgres.admin.url") == nil ? "postgres.url" : "postgres.admin.url")
    }
}
