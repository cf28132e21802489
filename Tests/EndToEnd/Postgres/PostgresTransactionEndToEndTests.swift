import Foundation
import Postgres
import Testing

@Suite(.timeLimit(.minutes(1))) struct PostgresTransactionEndToEndTests {
    private struct Abandoned: Error {}

    private func withTable(
        configure: (inout PostgresConfiguration) -> Void = { _ in }, _ body: (PostgresClient) async throws -> Void
    ) async throws {
        try await PostgresTestServer.withSchema(configure: configure) { client, _ in
            try await client.query("CREATE TABLE entries (id integer PRIMARY KEY, note text NOT NULL)")
            try await body(client)
        }
    }

    @Test func `a transaction in one round trip commits all and returns each statement's rows`() async throws {
        try await self.withTable { client in
            let rows = try await client.transaction([
                "INSERT INTO entries VALUES (1, \("a")) RETURNING id", "INSERT INTO entries VALUES (2, \("b"))",
                "SELECT note FROM entries ORDER BY id",
            ])
            #expect(rows.map(\.count) == [1, 0, 2])
            #expect(try rows[2][1].decode("note", as: String.self) == "b")
            #expect(try await client.value("SELECT count(*) FROM entries") == 2)
        }
    }

    @Test func `a failing statement in the middle rolls back everything, and the connection goes on`() async throws {
        try await self.withTable {
            $0.poolSize = 1
        } _: { client in
            let backend: Int = try await client.value("SELECT pg_backend_pid()")
            let error = await #expect(throws: PostgresError.self) {
                try await client.transaction([
                    "INSERT INTO entries VALUES (1, 'a')", "INSERT INTO entries VALUES (1, 'b')",
                    "INSERT INTO entries VALUES (2, 'c')",
                ])
            }
            #expect(error?.sqlState == "23505")
            let count: Int = try await client.value("SELECT count(*) FROM entries")
            #expect(count == 0)
            #expect(try await client.value("SELECT pg_backend_pid()") == backend)
        }
    }

    @Test func `a constraint that is checked at COMMIT fails the transaction for certain`() async throws {
        try await self.withTable { client in
            try await client.query(
                "CREATE TABLE lines (entry integer REFERENCES entries DEFERRABLE INITIALLY DEFERRED)")
            let error = await #expect(throws: PostgresError.self) {
                try await client.transaction(["INSERT INTO lines VALUES (7)"])
            }
            #expect(error?.sqlState == "23503")
            #expect(error?.code == .server)
        }
    }

    @Test func `isolation and read-only are the server's`() async throws {
        try await self.withTable { client in
            for isolation in PostgresIsolation.allCases {
                let rows = try await client.transaction(
                    ["SELECT current_setting('transaction_isolation') AS level"], isolation: isolation, readOnly: true)
                #expect(try rows[0][0].decode("level", as: String.self) == isolation.rawValue.lowercased())
            }
            let error = await #expect(throws: PostgresError.self) {
                try await client.transaction(["INSERT INTO entries VALUES (1, 'a')"], readOnly: true)
            }
            #expect(error?.sqlState == "25006")
        }
    }

    @Test func `an interactive transaction commits when its body returns and rolls back when it throws`() async throws {
        try await self.withTable { client in
            let count = try await client.withTransaction { transaction in
                try await transaction.query("INSERT INTO entries VALUES (1, 'a')")
                return try await transaction.query("SELECT count(*) AS count FROM entries")[0].decode(
                    "count", as: Int.self)
            }
            #expect(count == 1)
            await #expect(throws: Abandoned.self) {
                try await client.withTransaction { transaction in
                    try await transaction.query("INSERT INTO entries VALUES (2, 'b')")
                    throw Abandoned()
                }
            }
            #expect(try await client.value("SELECT count(*) FROM entries") == 1)
        }
    }

    @Test func `a body that swallows an error does not commit half a transaction`() async throws {
        try await self.withTable { client in
            let error = await #expect(throws: PostgresError.self) {
                try await client.withTransaction { transaction in
                    try await transaction.query("INSERT INTO entries VALUES (1, 'a')")
                    _ = try? await transaction.query("SELECT 1/0")
                }
            }
            #expect(error?.code == .transactionAborted)
            let count: Int = try await client.value("SELECT count(*) FROM entries")
            #expect(count == 0)
        }
    }

    @Test func `a pipeline inside a transaction stops at its first error`() async throws {
        try await self.withTable { client in
            await #expect(throws: PostgresError.self) {
                try await client.withTransaction { transaction in
                    let rows = try await transaction.pipeline(["SELECT 1 AS one", "SELECT 2 AS two"])
                    #expect(try rows[1][0].decode("two", as: Int.self) == 2)
                    try await transaction.pipeline(["INSERT INTO entries VALUES (1, 'a')", "SELECT 1/0"])
                }
            }
            let count: Int = try await client.value("SELECT count(*) FROM entries")
            #expect(count == 0)
        }
    }

    @Test func `a transaction is no neighbour of other tasks' statements`() async throws {
        try await self.withTable {
            $0.poolSize = 1
        } _: { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 0..<40 {
                    group.addTask {
                        if id.isMultiple(of: 2) {
                            try await client.query("INSERT INTO entries VALUES (\(id), 'alone')")
                        } else {
                            _ = try? await client.transaction([
                                "INSERT INTO entries VALUES (\(id), 'both')", "SELECT 1/0",
                            ])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await client.value("SELECT count(*) FROM entries") == 20)
        }
    }

    @Test func `a session that ends during COMMIT leaves an ambiguous commit`() async throws {
        try await self.withTable { client in
            try await client.query(
                """
                CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(4); RETURN NULL; END $$
                """)
            try await client.query(
                """
                CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION wait()
                """)
            async let outcome: Void =
                client.transaction(["INSERT INTO entries VALUES (1, 'commit-me')"]).isEmpty ? () : ()
            var ended = 0
            while ended == 0 {
                ended = try await client.value(
                    """
                    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE query = 'COMMIT' AND state = 'active' AND wait_event = 'PgSleep' AND pid <> pg_backend_pid()
                        AND usename = current_user
                    """)
            }
            do {
                try await outcome
                Issue.record("the commit was answered")
            } catch let error as PostgresError {
                #expect(error.code == .commitAmbiguous)
                #expect(!error.isTransient)
                #expect(error.kind == .infrastructure)
            }
            let count: Int = try await client.value("SELECT count(*) FROM entries")
            #expect(count == 0)
        }
    }

    @Test func `a statement that opens a transaction by itself leaves none behind`() async throws {
        try await self.withTable {
            $0.poolSize = 1
        } _: { client in
            try await client.query("BEGIN")
            try await client.query("INSERT INTO entries VALUES (1, 'a')")
            #expect(try await client.value("SELECT now() < clock_timestamp() - interval '1 hour'") == false)
            #expect(
                try await client.value(
                    "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND pid = pg_backend_pid()"
                ) == 0)
            _ = try? await client.transaction(["INSERT INTO entries VALUES (1, 'twice')"])
            #expect(try await client.value("SELECT count(*) FROM entries") == 1)
        }
    }
}
