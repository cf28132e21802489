import Foundation
import Postgres
import Testing

@Suite(.timeLimit(.minutes(3))) struct PostgresRecoveryEndToEndTests {
    @Test func `a session that an operator ends is replaced`() async throws {
        try await PostgresTestServer.withSchema {
            $0.poolSize = 1
        } _: { client, _ in
            let backend: Int = try await client.value("SELECT pg_backend_pid()")
            let error = await #expect(throws: PostgresError.self) {
                try await client.query("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(3)")
            }
            #expect(error?.sqlState == "57P01")
            #expect(error?.kind == .infrastructure)
            #expect(error?.isTransient == true)
            #expect(try await client.value("SELECT pg_backend_pid()") != backend)
        }
    }

    @Test func `a read-only database is infrastructure, as a standby after a failover is`() async throws {
        try await PostgresTestServer.withSchema {
            $0.poolSize = 1
        } _: { client, _ in
            try await client.query("SET default_transaction_read_only = on")
            let error = await #expect(throws: PostgresError.self) {
                try await client.query("CREATE TABLE t (a integer)")
            }
            #expect(error?.sqlState == "25006")
            #expect(error?.kind == .infrastructure)
        }
    }

    @Test func `a wrong password is denied at once`() async throws {
        let url = try PostgresTestServer.url.replacing(#/:[^:@/]+@/#, with: ":not-the-password@")
        var configuration = try PostgresConfiguration(url: url)
        configuration.queryDeadline = .seconds(60)
        try await PostgresTestServer.withClient(of: configuration) { client in
            let start = ContinuousClock.now
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
            #expect(error?.kind == .denied)
            #expect(error?.sqlState == "28P01")
            #expect(error?.description.contains("not-the-password") == false)
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }

    @Test func `a database that is away is infrastructure at the caller's deadline`() async throws {
        var configuration = try PostgresConfiguration(url: "postgres://teller:secret@127.0.0.1:1/teller")
        configuration.queryDeadline = .seconds(1)
        try await PostgresTestServer.withClient(of: configuration) { client in
            let start = ContinuousClock.now
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
            #expect(error?.code == .unavailable)
            #expect(error?.kind == .infrastructure)
            #expect(error?.description.contains("secret") == false)
            #expect(ContinuousClock.now - start < .seconds(3))
        }
    }

    @Test func `the next host is taken when the first refuses`() async throws {
        let url = try PostgresTestServer.url.replacing(#/@([^/]+)/#) { "@127.0.0.1:1,\($0.output.1)" }
        let answer: Int = try await PostgresTestServer.withClient(of: PostgresConfiguration(url: url)) { client in
            try await client.value("SELECT 1")
        }
        #expect(answer == 1)
    }

    @Test func `a host that must take writes is not a read-only one`() async throws {
        let readOnly = PostgresTestServer.url(
            try PostgresTestServer.url,
            adding: "target_session_attrs=read-write&options=-cdefault_transaction_read_only%3Don")
        var configuration = try PostgresConfiguration(url: readOnly)
        configuration.queryDeadline = .seconds(1)
        try await PostgresTestServer.withClient(of: configuration) { client in
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
            #expect(error?.kind == .infrastructure)
        }
    }

    @Test func `after shutdown calls fail at once, and what was under way has finished`() async throws {
        try await PostgresTestServer.withClient(of: PostgresConfiguration(url: PostgresTestServer.url)) { client in
            async let slow: Int = client.value("SELECT 1 FROM pg_sleep(0.3)")
            try await Task.sleep(for: .milliseconds(150))
            client.shutdown()
            #expect(try await slow == 1)
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
            #expect(error?.code == .closed)
        }
    }

    @Test func `a database that restarts or crashes heals within ten seconds`() async throws {
        let server = try await PostgresPrivateServer()
        defer { server.delete() }
        var configuration = try await PostgresConfiguration(url: server.url())
        configuration.queryDeadline = .seconds(20)
        try await PostgresTestServer.withClient(of: configuration) { client in
            #expect(try await client.value("SELECT 1") == 1)
            try await server.perform("restart-database")
            var start = ContinuousClock.now
            #expect(try await client.value("SELECT 1") == 1)
            #expect(ContinuousClock.now - start < .seconds(10))

            try await server.perform("kill-database")
            async let waiting: Int = client.value("SELECT 2")
            try await server.perform("start", "--fast")
            start = .now
            #expect(try await waiting == 2)
            #expect(ContinuousClock.now - start < .seconds(10))
        }
    }
}
