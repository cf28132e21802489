import Foundation
import Ledger
import Postgres
import Schemas

/// A database of its own on the test server, migrated, with a worker's login; dropped at the end.
struct LedgerDatabase {
    /// Logged in as the server's administrator, who belongs to `teller_owner` and may be no superuser.
    let owner: PostgresClient
    /// Logged in as a member of `teller_worker` and of nothing else.
    let worker: PostgresClient
    let ownerURL: String
    let workerURL: String
    let key = TicketKey(bytes: (0..<32).map { _ in UInt8.random(in: 0...255) })

    var store: LedgerStore { LedgerStore(client: self.worker) }

    /// A customer with a genuine ticket.
    func customer(_ id: String, request: String = "req-1", lifetime: TimeInterval = 600, key: TicketKey? = nil)
        -> Customer
    {
        Customer(verified: id, request: request, expires: Date(timeIntervalSinceNow: lifetime), key: key ?? self.key)
    }

    /// Runs statements as the tables' owner with row security lifted for the owner, all or nothing.
    @discardableResult
    func unbound(_ statements: [PostgresQuery]) async throws(PostgresError) -> [[PostgresRow]] {
        let tables = ["customers", "accounts", "transactions", "positions"].map { "ledger.\($0)" }
        let results = try await self.owner.transaction(
            ["SET LOCAL ROLE teller_owner"]
                + tables.map { "ALTER TABLE \(unescaped: $0) NO FORCE ROW LEVEL SECURITY" } + statements
                + tables.map { "ALTER TABLE \(unescaped: $0) FORCE ROW LEVEL SECURITY" })
        return Array(results[(1 + tables.count)...].prefix(statements.count))
    }

    /// Rows for two customers, A in US dollars and B in renminbi, with ten transactions each.
    func addTwoCustomers() async throws {
        try await self.unbound([
            """
            INSERT INTO ledger.customers VALUES
                ('A', 'Ann', 'en-US', 'America/New_York', now()), ('B', '波', 'zh-CN', 'Asia/Shanghai', now())
            """,
            """
            INSERT INTO ledger.accounts
                (account_id, customer_id, kind, name, last_digits, currency, balance, opened_on, as_of)
            VALUES ('A-1', 'A', 'checking', 'Checking', '0001', 'USD', 100, '2020-01-01', now()),
                ('B-1', 'B', 'checking', '活期', '0002', 'CNY', 200, '2020-01-01', now())
            """,
            """
            INSERT INTO ledger.transactions
                (transaction_id, customer_id, account_id, posted_at, amount, currency, description)
            SELECT account_id || '-' || n, customer_id, account_id, now() - n * interval '1 hour', -n, currency,
                'PURCHASE ' || n
            FROM ledger.accounts, generate_series(1, 10) AS n
            """,
        ])
    }
}

/// The private server is missing.
struct MissingLedgerServer: Error, CustomStringConvertible {
    var description: String {
        "TELLER_TEST_POSTGRES_URL is not set: run these tests with Deploy/test, which starts a server for them"
    }
}

/// Runs a test in a database that nothing else uses.
func withLedgerDatabase(
    migrate: Bool = true, _ body: @Sendable (LedgerDatabase) async throws -> Void
) async throws {
    guard let url = ProcessInfo.processInfo.environment["TELLER_TEST_POSTGRES_URL"],
        var parts = URLComponents(string: url)
    else {
        throw MissingLedgerServer()
    }
    let name = "teller_ledger_" + String(UInt32.random(in: .min ... .max), radix: 36)
    parts.path = "/" + name
    let ownerURL = try required(parts.string)
    parts.user = name
    parts.password = "secret"
    let workerURL = try required(parts.string)

    try await withLedgerClient(url) { server in
        try await server.query("CREATE DATABASE \(identifier: name) ENCODING 'UTF8' TEMPLATE template0")
        try await server.query("CREATE ROLE \(identifier: name) LOGIN PASSWORD 'secret'")
        let result: Result<Void, any Error>
        do {
            try await withLedgerClient(ownerURL) { owner in
                try await withLedgerClient(workerURL) { worker in
                    let database = LedgerDatabase(
                        owner: owner, worker: worker, ownerURL: ownerURL, workerURL: workerURL)
                    if migrate {
                        _ = try await ledgerMigrator().migrate(on: owner)
                        try await owner.query("GRANT teller_worker TO \(identifier: name)")
                        try await owner.query(database.key.installation)
                    }
                    try await body(database)
                }
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await server.query("DROP DATABASE \(identifier: name) WITH (FORCE)")
        try await server.query("DROP ROLE \(identifier: name)")
        try result.get()
    }
}

func ledgerMigrator() throws -> PostgresMigrator {
    try PostgresMigrator(
        table: "teller.migrations", migrations: Schemas.migrations.map { PostgresMigration(name: $0.name, sql: $0.sql) }
    )
}

func withLedgerClient(_ url: String, _ body: @Sendable (PostgresClient) async throws -> Void) async throws {
    var configuration = try PostgresConfiguration(url: url)
    // Dropping a database waits for a checkpoint, which takes long on a busy disk.
    configuration.statementTimeout = .seconds(60)
    configuration.queryDeadline = .seconds(65)
    let client = PostgresClient(configuration)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        defer { client.shutdown() }
        try await body(client)
    }
}

private func required(_ text: String?) throws -> String {
    guard let text else { throw MissingLedgerServer() }
    return text
}

/// The SQLSTATE of the error that the body throws; `nil` when it throws none or one of another kind.
func ledgerSQLState(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? PostgresError)?.sqlState
    }
}
