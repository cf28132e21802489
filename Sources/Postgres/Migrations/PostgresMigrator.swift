/// Brings a database's schema up to date, and records what it did in a table.
///
/// Migrations run in the order of their names, each in its own transaction with its record. Of several migrators at once one
/// works and the others wait. A migration that has been applied must not change any more: its SHA-256 is compared.
public struct PostgresMigrator: Sendable {
    private let schema: String
    private let table: String
    private let migrations: [PostgresMigration]
    private let limit: Duration

    /// - Parameters:
    ///   - table: Where applied migrations are recorded, as `schema.table`. Both are made if they are missing.
    ///   - migrations: In any order.
    ///   - limit: How long one migration may take, and how long to wait for another migrator.
    public init(
        table: String, migrations: [PostgresMigration], limit: Duration = .seconds(300)
    ) throws(PostgresError) {
        let parts = table.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            throw PostgresError(
                code: .migration, message: "the migrations' table must be named schema.table, not \(table)")
        }
        self.schema = String(parts[0])
        self.table = String(parts[1])
        self.migrations = migrations.sorted { $0.name < $1.name }
        self.limit = limit
        for (earlier, later) in zip(self.migrations, self.migrations.dropFirst()) where earlier.name == later.name {
            throw PostgresError(code: .migration, message: "there are two migrations named \(earlier.name)")
        }
    }

    /// Applies what is missing.
    ///
    /// - Returns: The names of the migrations that were applied by this call.
    /// - Throws: `.migration` when an applied migration has changed; otherwise the error of the migration that failed, with
    ///   its name. The ones before it stay applied.
    public func migrate(on client: PostgresClient) async throws(PostgresError) -> [String] {
        let lease = try await client.calls.lease(begin: nil)
        // The session's settings and its lock end with the connection.
        defer { lease.release(isUsable: false) }
        try await self.prepare(lease)
        let missing = try await self.missing(on: lease)
        for migration in missing { try await self.apply(migration, on: lease) }
        return missing.map(\.name)
    }

    /// The names of the migrations that ``migrate(on:)`` would apply.
    public func pending(on client: PostgresClient) async throws(PostgresError) -> [String] {
        let lease = try await client.calls.lease(begin: nil)
        defer { lease.release(isUsable: false) }
        guard try await self.tableExists(on: lease) else { return self.migrations.map(\.name) }
        return try await self.missing(on: lease).map(\.name)
    }

    /// Lifts the limits made for short statements, and locks out other migrators of the same table.
    private func prepare(_ lease: PostgresLease) async throws(PostgresError) {
        let milliseconds = "\(self.limit.wholeMilliseconds)"
        try await self.run(
            """
            SELECT set_config('statement_timeout', \(milliseconds), false), set_config('lock_timeout', \(milliseconds), false),
                set_config('idle_in_transaction_session_timeout', \(milliseconds), false)
            """, on: lease)
        try await self.run("SELECT pg_advisory_lock(hashtextextended(\(self.schema + "." + self.table), 0))", on: lease)
        guard try await !self.tableExists(on: lease) else { return }
        // Asked for only when it is missing, because CREATE SCHEMA IF NOT EXISTS needs the privilege in any case.
        let hasSchema = try await self.run("SELECT 1 FROM pg_namespace WHERE nspname = \(self.schema)", on: lease)
        if hasSchema.isEmpty { try await self.run("CREATE SCHEMA \(identifier: self.schema)", on: lease) }
        try await self.run(
            """
            CREATE TABLE \(self.tableName) (
                name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(),
                applied_by text NOT NULL DEFAULT current_user)
            """, on: lease)
    }

    private var tableName: PostgresQuery { "\(identifier: self.schema).\(identifier: self.table)" }

    private func tableExists(on lease: PostgresLease) async throws(PostgresError) -> Bool {
        let rows = try await self.run(
            """
            SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
            WHERE nspname = \(self.schema) AND relname = \(self.table)
            """, on: lease)
        return !rows.isEmpty
    }

    /// The migrations that are not recorded, after comparing those that are.
    private func missing(on lease: PostgresLease) async throws(PostgresError) -> [PostgresMigration] {
        let rows = try await self.run(
            """
            SELECT ours.name, applied.name IS NOT NULL AS is_applied,
                applied.sha256 IS NOT DISTINCT FROM encode(sha256(convert_to(ours.sql, 'UTF8')), 'hex') AS is_same
            FROM unnest(\(self.migrations.map(\.name))::text[], \(self.migrations.map(\.sql))::text[]) AS ours(name, sql)
            LEFT JOIN \(self.tableName) AS applied USING (name)
            """, on: lease)
        var applied: Set<String> = []
        for row in rows where try row.decode("is_applied", as: Bool.self) {
            let name = try row.decode("name", as: String.self)
            guard try row.decode("is_same", as: Bool.self) else {
                throw PostgresError(
                    code: .migration,
                    message:
                        "migration \(name) has changed since it was applied: restore it, and add a new migration instead"
                )
            }
            applied.insert(name)
        }
        return self.migrations.filter { !applied.contains($0.name) }
    }

    private func apply(_ migration: PostgresMigration, on lease: PostgresLease) async throws(PostgresError) {
        do throws(PostgresError) {
            try await self.run("BEGIN", on: lease)
            var script = PostgresBatch(statements: [PostgresQuery(unsafe: migration.sql)])
            script.isScript = true
            try await lease.send(script, within: self.limit)
            let record: PostgresQuery = """
                INSERT INTO \(self.tableName) (name, sha256)
                VALUES (\(migration.name), encode(sha256(convert_to(\(migration.sql), 'UTF8')), 'hex'))
                """
            // A savepoint can be made in a transaction only: it fails if the script has ended it.
            try await lease.send(
                PostgresBatch(statements: ["SAVEPOINT script_ended", record], ending: .commit), within: self.limit)
        } catch {
            let hasEnded = error.sqlState == "25P01"
            throw PostgresError(
                code: error.code, sqlState: error.sqlState,
                message:
                    "migration \(migration.name): \(hasEnded ? "it ends the transaction that it runs in" : error.message)",
                constraint: error.constraint)
        }
    }

    @discardableResult
    private func run(_ query: PostgresQuery, on lease: PostgresLease) async throws(PostgresError) -> [PostgresRow] {
        try await lease.send(PostgresBatch(statements: [query]), within: self.limit)[0]
    }
}
