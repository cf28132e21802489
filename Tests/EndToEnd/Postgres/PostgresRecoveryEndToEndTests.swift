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

    @Test func `a host that turns read-only is left for one that takes writes`() async throws {
        let server = try await PostgresPrivateServer()
        defer { server.delete() }
        let address = #/:([^:@]+)@([^/]+)/#
        let writable = try #require(try PostgresTestServer.url.firstMatch(of: address)).output
        let demoted = try #require(try await server.url().firstMatch(of: address)).output
        // Hosts of one URL have one password.
        try await PostgresTestServer.withClient(of: PostgresConfiguration(url: server.url())) { client in
            _ = try await client.query("ALTER ROLE CURRENT_USER PASSWORD \(unescaped: "'\(writable.1)'")")
        }
        let url = try await server.url().replacing(address) { _ in ":\(writable.1)@\(demoted.2),\(writable.2)" }
        let configuration = try PostgresConfiguration(
            url: PostgresTestServer.url(url, adding: "target_session_attrs=read-write"))
        try await PostgresTestServer.withClient(of: configuration) { client in
            let port = { () async throws -> String in
                "127.0.0.1:" + (try await client.value("SELECT current_setting('port')"))
            }
            #expect(try await port() == String(demoted.2))
            try await server.perform("psql", "-c", "ALTER SYSTEM SET default_transaction_read_only = on", "-c", "SELECT pg_reload_conf()")
            let schema = "test_" + UUID().uuidString.lowercased().filter { $0 != "-" }
            let deadline = ContinuousClock.now + .seconds(10)
            while (try? await client.query("CREATE SCHEMA \(identifier: schema)")) == nil {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await port() == String(writable.2))
            try await client.query("DROP SCHEMA \(identifier: schema)")
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
