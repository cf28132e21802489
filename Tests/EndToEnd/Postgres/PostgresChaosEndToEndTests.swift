import Foundation
import Postgres
import Testing

/// Sessions are ended and tasks are cancelled at random while transactions run, and every outcome that was reported must be
/// what the database then shows.
@Suite(.timeLimit(.minutes(2))) struct PostgresChaosEndToEndTests {
    private enum Outcome { case committed, undone, unknown }

    private struct Abandoned: Error {}

    @Test func `what was reported is what the database shows, whatever dies`() async throws {
        let name = "chaos-\(UUID())"
        try await PostgresTestServer.withSchema {
            ($0.poolSize, $0.queryDeadline, $0.applicationName) = (3, .seconds(20), name)
        } _: { client, _ in
            try await client.query("CREATE TABLE pairs (id integer, half integer, PRIMARY KEY (id, half))")
            let end = ContinuousClock.now + .seconds(5)
            let outcomes = try await withThrowingTaskGroup(of: [Int: Outcome].self) { group in
                for worker in 0..<16 {
                    group.addTask {
                        var outcomes: [Int: Outcome] = [:]
                        var number = 0
                        while ContinuousClock.now < end {
                            number += 1
                            let id = worker * 1_000_000 + number
                            outcomes[id] = try await self.attempt(id, on: client)
                        }
                        return outcomes
                    }
                }
                group.addTask {
                    try await self.endSessions(of: name, until: end)
                    return [:]
                }
                var all: [Int: Outcome] = [:]
                for try await outcomes in group { all.merge(outcomes) { $1 } }
                return all
            }
            let halves = try await self.halves(on: client)
            for (id, outcome) in outcomes {
                switch outcome {
                case .committed: #expect(halves[id] == 2)
                case .undone: #expect(halves[id] == nil)
                case .unknown: #expect(halves[id] == 2 || halves[id] == nil)
                }
            }
            #expect(outcomes.values.contains { $0 == .committed })
            #expect(outcomes.values.contains { $0 == .undone })
        }
    }

    /// How many halves of each pair there are. A session that was ended last is told so when it is asked next.
    private func halves(on client: PostgresClient) async throws -> [Int: Int] {
        for _ in 0..<3 {
            do {
                return try await self.read(client)
            } catch let error as PostgresError where error.sqlState == "57P01" {}
        }
        return try await self.read(client)
    }

    private func read(_ client: PostgresClient) async throws -> [Int: Int] {
        var halves: [Int: Int] = [:]
        for row in try await client.query("SELECT id, count(*) AS halves FROM pairs GROUP BY id") {
            halves[try row.decode("id")] = try row.decode("halves")
        }
        return halves
    }

    /// One transaction of a random form; the half of them are cancelled, or fail by themselves.
    private func attempt(_ id: Int, on client: PostgresClient) async throws -> Outcome {
        let halves: [PostgresQuery] = [1, 2].map { "INSERT INTO pairs VALUES (\(Int32(id)), \(Int32($0)))" }
        let form = Int.random(in: 0..<5)
        let task = Task { () async throws -> Void in
            switch form {
            case 0, 1: try await client.transaction(halves)
            case 2: try await client.transaction(halves + ["SELECT pg_sleep(0.01)"])
            case 3:
                try await client.withTransaction { transaction in
                    for half in halves { try await transaction.query(half) }
                }
            default:
                try await client.withTransaction { transaction in
                    try await transaction.pipeline(halves)
                    throw Abandoned()
                }
            }
        }
        if Bool.random() {
            try await Task.sleep(for: .microseconds(Int.random(in: 0...8_000)))
            task.cancel()
        }
        do {
            try await task.value
            return .committed
        } catch let error as PostgresError {
            return error.code == .commitAmbiguous ? .unknown : .undone
        } catch is Abandoned {
            return .undone
        }
    }

    /// Ends sessions of an application, one after another.
    private func endSessions(of application: String, until end: ContinuousClock.Instant) async throws {
        try await PostgresTestServer.withClient(of: PostgresConfiguration(url: PostgresTestServer.url)) {
            administrator in
            while ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(Int.random(in: 10...150)))
                try await administrator.query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE application_name = \(application) AND usename = current_user ORDER BY random() LIMIT 1
                    """)
            }
        }
    }
}
