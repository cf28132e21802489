import Foundation
import Postgres
import Testing

@Suite(.timeLimit(.minutes(1))) struct PostgresMigratorEndToEndTests {
    private static let first = PostgresMigration(
        name: "0001_entries",
        sql: "CREATE TABLE entries (id integer); -- a comment; with a semicolon\nINSERT INTO entries VALUES (1), (2);")
    private static let second = PostgresMigration(name: "0002_note", sql: "ALTER TABLE entries ADD COLUMN note text")

    private func migrator(_ schema: String, _ migrations: PostgresMigration...) throws -> PostgresMigrator {
        try PostgresMigrator(table: "\(schema).migrations", migrations: migrations, limit: .seconds(20))
    }

    @Test func `migrations run once, in the order of their names`() async throws {
        try await PostgresTestServer.withSchema { client, schema in
            let one = try self.migrator(schema, Self.first)
            #expect(try await one.pending(on: client) == ["0001_entries"])
            #expect(try await one.migrate(on: client) == ["0001_entries"])
            let both = try self.migrator(schema, Self.second, Self.first)
            #expect(try await both.pending(on: client) == ["0002_note"])
            #expect(try await both.migrate(on: client) == ["0002_note"])
            #expect(try await both.migrate(on: client) == [])
            #expect(try await client.value("SELECT count(*) FROM entries WHERE note IS NULL") == 2)
        }
    }

    @Test func `a schema that is missing is made`() async throws {
        try await PostgresTestServer.withSchema { client, schema in
            let other = schema + "_records"
            let migrator = try PostgresMigrator(table: "\(other).migrations", migrations: [Self.first])
            #expect(try await migrator.migrate(on: client) == ["0001_entries"])
            try await client.query("DROP SCHEMA \(identifier: other) CASCADE")
        }
    }

    @Test func `of two migrators at once one works and the other finds nothing to do`() async throws {
        try await PostgresTestServer.withSchema { client, schema in
            let slow = PostgresMigration(
                name: "0001_slow", sql: "SELECT pg_sleep(0.5); CREATE TABLE once (id integer);")
            let migrator = try self.migrator(schema, slow)
            async let left = migrator.migrate(on: client)
            async let right = migrator.migrate(on: client)
            #expect(try await left + right == ["0001_slow"])
        }
    }

    @Test func `an applied migration that has changed is refused by name`() async throws {
        try await PostgresTestServer.withSchema { client, schema in
            _ = try await self.migrator(schema, Self.first).migrate(on: client)
            let changed = PostgresMigration(name: Self.first.name, sql: Self.first.sql + " ")
            let migrator = try self.migrator(schema, changed, Self.second)
            let error = await #expect(throws: PostgresError.self) { try await migrator.migrate(on: client) }
            #expect(error?.code == .migration)
            #expect(error?.message.contains("0001_entries has changed") == true)
            await #expect(throws: PostgresError.self) { try await migrator.pending(on: client) }
            await #expect(throws: PostgresError.self) { try await client.query("SELECT note FROM entries") }
        }
    }

    @Test func `a migration that fails leaves nothing behind and is named`() async throws {
        try await PostgresTestServer.withSchema { client, schema in
            let broken = PostgresMigration(name: "0002_broken", sql: "CREATE TABLE half (id integer); SELECT 1/0;")
            let error = await #expect(throws: PostgresError.self) {
                try await self.migrator(schema, Self.first, broken).migrate(on: client)
            }
            #expect(error?.sqlState == "22012")
            #expect(error?.message.hasPrefix("migration 0002_broken: ") == true)
            let isGone: Bool = try await client.value("SELECT to_regclass('half') IS NULL")
            #expect(isGone)
            #expect(try await self.migrator(schema, Self.first, broken).pending(on: client) == ["0002_broken"])
        }
    }

    @Test func `a migration that ends its own transaction is refused`() async throws {
        try await PostgresTestServer.withSchema { client, schema in
            let ending = PostgresMigration(name: "0001_ending", sql: "CREATE TABLE t (id integer); COMMIT; SELECT 1;")
            let error = await #expect(throws: PostgresError.self) {
                try await self.migrator(schema, ending).migrate(on: client)
            }
            #expect(error?.message == "migration 0001_ending: it ends the transaction that it runs in")
        }
    }

    @Test func `two migrations of one name are refused before anything runs`() {
        #expect(throws: PostgresError.self) { try self.migrator("s", Self.first, Self.first) }
        #expect(throws: PostgresError.self) { try PostgresMigrator(table: "no_schema", migrations: []) }
    }
}
