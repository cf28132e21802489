import Foundation
import Postgres
import Testing

@Suite(.timeLimit(.minutes(1))) struct PostgresLimitEndToEndTests {
    private func elapsed(_ body: () async throws -> Void) async rethrows -> Duration {
        try await ContinuousClock().measure(body)
    }

    @Test func `a statement timeout is a timeout, and the connection goes on`() async throws {
        try await PostgresTestServer.withSchema {
            ($0.poolSize, $0.statementTimeout) = (1, .milliseconds(200))
        } _: { client, _ in
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT pg_sleep(5)") }
            #expect(error?.sqlState == "57014")
            #expect(error?.kind == .timeout)
            let one: Int = try await client.value("SELECT 1")
            #expect(one == 1)
        }
    }

    @Test func `a lock timeout is a timeout`() async throws {
        try await PostgresTestServer.withSchema {
            $0.lockTimeout = .milliseconds(200)
        } _: { client, _ in
            try await client.query("CREATE TABLE locked (id integer)")
            try await client.withTransaction { transaction in
                try await transaction.query("LOCK TABLE locked")
                let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT * FROM locked") }
                #expect(error?.sqlState == "55P03")
                #expect(error?.kind == .timeout)
            }
        }
    }

    @Test func `cancelling a task cancels its statement and frees the connection`() async throws {
        try await PostgresTestServer.withSchema {
            $0.poolSize = 1
        } _: { client, schema in
            let backend: Int = try await client.value("SELECT pg_backend_pid()")
            let task = Task { try await client.query("SELECT pg_sleep(4), \(schema)") }
            try await Task.sleep(for: .milliseconds(200))
            let time = await self.elapsed {
                task.cancel()
                let error = await #expect(throws: PostgresError.self) { try await task.value }
                #expect(error?.code == .cancelled)
            }
            #expect(time < .seconds(3))
            #expect(try await client.value("SELECT pg_backend_pid()") == backend)
        }
    }

    @Test func `cancelling one of those who share a connection does not touch the others`() async throws {
        try await PostgresTestServer.withSchema {
            $0.poolSize = 1
        } _: { client, _ in
            try await client.query("SELECT 1")
            let first = Task { try await client.query("SELECT pg_sleep(0.5)") }
            try await Task.sleep(for: .milliseconds(100))
            let second = Task { try await client.value("SELECT 2", as: Int.self) }
            try await Task.sleep(for: .milliseconds(100))
            first.cancel()
            #expect(try await second.value == 2)
        }
    }

    @Test func `work that waits for a connection is dropped when its task is cancelled`() async throws {
        try await PostgresTestServer.withSchema {
            $0.poolSize = 1
        } _: { client, _ in
            try await client.withTransaction { transaction in
                try await transaction.query("SELECT 1")
                let waiting = Task { try await client.query("SELECT 1") }
                try await Task.sleep(for: .milliseconds(50))
                waiting.cancel()
                let error = await #expect(throws: PostgresError.self) { try await waiting.value }
                #expect(error?.code == .cancelled)
            }
        }
    }

    @Test func `a cancelled transaction is rolled back and its connection stays`() async throws {
        try await PostgresTestServer.withSchema {
            $0.poolSize = 1
        } _: { client, _ in
            try await client.query("CREATE TABLE entries (id integer)")
            let backend: Int = try await client.value("SELECT pg_backend_pid()")
            let task = Task {
                try await client.withTransaction { transaction in
                    try await transaction.query("INSERT INTO entries VALUES (1)")
                    try await transaction.query("SELECT pg_sleep(4)")
                }
            }
            try await Task.sleep(for: .milliseconds(200))
            task.cancel()
            await #expect(throws: PostgresError.self) { try await task.value }
            #expect(try await client.value("SELECT count(*) FROM entries") == 0)
            #expect(try await client.value("SELECT pg_backend_pid()") == backend)
        }
    }

    @Test func `a session that has gone silent is given up at the caller's deadline`() async throws {
        try await PostgresTestServer.withSchema {
            ($0.poolSize, $0.queryDeadline) = (1, .seconds(3))
        } _: { client, _ in
            let backend: Int32 = try await client.value("SELECT pg_backend_pid()")
            try #require(kill(backend, SIGSTOP) == 0, "the tests must run as root or as the server's user")
            defer { kill(backend, SIGCONT) }
            let time = await self.elapsed {
                let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
                #expect(error?.code == .deadline)
                #expect(error?.kind == .timeout)
            }
            #expect(time < .seconds(6))
            #expect(try await client.value("SELECT pg_backend_pid()", as: Int32.self) != backend)
        }
    }

    @Test func `a pool with no connection free is a timeout at the caller's deadline`() async throws {
        try await PostgresTestServer.withSchema {
            ($0.poolSize, $0.queryDeadline) = (1, .seconds(3))
        } _: { client, _ in
            try await client.withTransaction { transaction in
                try await transaction.query("SELECT 1")
                let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
                #expect(error?.kind == .timeout)
            }
        }
    }

    @Test func `a hundred tasks share two connections`() async throws {
        try await PostgresTestServer.withSchema {
            $0.poolSize = 2
        } _: { client, _ in
            let backends = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let row = try await client.query(
                            "SELECT \(number) AS number, pg_backend_pid() AS pid, pg_sleep(0.002)::text")[0]
                        #expect(try row.decode("number", as: Int.self) == number)
                        return (number, try row.decode("pid", as: Int.self))
                    }
                }
                var backends: Set<Int> = []
                for try await (_, backend) in group { backends.insert(backend) }
                return backends
            }
            #expect((1...2).contains(backends.count))
        }
    }

    @Test func `the neighbours of a failing statement are unharmed`() async throws {
        try await PostgresTestServer.withSchema {
            $0.poolSize = 1
        } _: { client, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        if number.isMultiple(of: 3) {
                            let error = await #expect(throws: PostgresError.self) {
                                try await client.query("SELECT 1 / \(0)")
                            }
                            #expect(error?.sqlState == "22012")
                        } else if number.isMultiple(of: 5) {
                            let error = await #expect(throws: PostgresError.self) { try await client.query("SELEKT 1") }
                            #expect(error?.sqlState == "42601")
                        } else {
                            let answer: Int = try await client.value("SELECT \(number)")
                            #expect(answer == number)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `a prepared statement survives a change of its table`() async throws {
        try await PostgresTestServer.withSchema {
            $0.poolSize = 1
        } _: { client, _ in
            try await client.query("CREATE TABLE shape (a integer)")
            try await client.query("INSERT INTO shape VALUES (1)")
            for _ in 0..<2 { #expect(try await client.query("SELECT * FROM shape")[0].columns == ["a"]) }
            try await client.query("ALTER TABLE shape ADD COLUMN b integer DEFAULT 2")
            for _ in 0..<2 { #expect(try await client.query("SELECT * FROM shape")[0].columns == ["a", "b"]) }
            try await client.query("DEALLOCATE ALL")
            for _ in 0..<2 { #expect(try await client.query("SELECT * FROM shape")[0].columns == ["a", "b"]) }
        }
    }

    @Test func `COPY ends the connection with a clear error, and the next call has another`() async throws {
        try await PostgresTestServer.withSchema {
            $0.poolSize = 1
        } _: { client, _ in
            try await client.query("CREATE TABLE t (a integer)")
            await #expect(throws: PostgresError.self) { try await client.query("COPY t FROM STDIN") }
            #expect(try await client.value("SELECT 1") == 1)
        }
    }
}
