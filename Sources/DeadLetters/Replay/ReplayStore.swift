public import Foundation
import Postgres
import TellerMessages

/// Replay plans in the database, as an operator may use them.
public struct ReplayStore: Sendable {
    let database: OperatorDatabase

    public init(database: OperatorDatabase) {
        self.database = database
    }

    /// Freezes the dead letters that fit, the oldest first, as a plan. Those that another plan has, or that are done with, are left out.
    public func make(
        _ selection: DeadLetterSelection, name: String, reason: String, options: ReplayOptions, limit: Int
    ) async throws -> ReplayPlan {
        let plan = UUID()
        // What is in another plan is counted, so that the operator sees that it is not in this one.
        var wider = selection
        if wider.states == [.open] { wider.states.insert(.replaying) }
        _ = try await self.database.query(
            """
            WITH fitting AS MATERIALIZED (
                SELECT failure_id FROM teller.failures WHERE \(wider.condition) ORDER BY last_failed_at, failure_id LIMIT \(limit)
            )
            SELECT teller.plan_replay(\(plan), \(name), \(reason), \(PostgresJSON(selection.json.text)), \(PostgresJSON(options.json.text)),
                (SELECT count(*)::integer FROM fitting), ARRAY(SELECT failure_id FROM fitting), \(UUID()))
            """)
        return try await self.plan(plan)
    }

    public func plan(_ id: UUID) async throws -> ReplayPlan {
        let rows = try await self.database.query(
            "SELECT \(ReplayPlan.columns) FROM teller.replay_plans WHERE plan_id = \(id)")
        guard let row = rows.first else { throw ReplayError.noSuchPlan(id) }
        return try ReplayPlan(row)
    }

    /// The latest plans, the newest first.
    public func plans(limit: Int) async throws -> [ReplayPlan] {
        try await self.database.query(
            "SELECT \(ReplayPlan.columns) FROM teller.replay_plans ORDER BY created_at DESC, plan_id LIMIT \(limit)"
        ).map(ReplayPlan.init)
    }

    /// Messages of a plan in their order, after the given position.
    public func items(of plan: UUID, after position: Int = 0, limit: Int) async throws -> [ReplayItem] {
        try await self.database.query(
            """
            SELECT \(ReplayItem.columns) FROM teller.replay_items
            WHERE plan_id = \(plan) AND position > \(position) ORDER BY position LIMIT \(limit)
            """
        ).map(ReplayItem.init)
    }

    public func preview(of plan: UUID) async throws -> ReplayPreview {
        let rows = try await self.database.query(
            """
            SELECT outlook, state, outcome, count(*) AS messages,
                extract(epoch FROM now() - min(failed_at))::double precision AS oldest,
                extract(epoch FROM now() - max(failed_at))::double precision AS newest
            FROM teller.replay_items WHERE plan_id = \(plan) GROUP BY outlook, state, outcome
            """)
        var counts: [[String: Int]] = [[:], [:], [:]]
        var ages: (oldest: Double?, newest: Double?) = (nil, nil)
        for row in rows {
            let messages: Int = try row.decode("messages")
            for (index, column) in ["outlook", "state", "outcome"].enumerated() {
                guard let name = try row.decode(column, as: String?.self) else { continue }
                counts[index][name, default: 0] += messages
            }
            let (oldest, newest): (Double, Double) = (try row.decode("oldest"), try row.decode("newest"))
            ages = (max(ages.oldest ?? oldest, oldest), min(ages.newest ?? newest, newest))
        }
        return ReplayPreview(outlook: counts[0], states: counts[1], outcomes: counts[2], oldest: ages.oldest, newest: ages.newest)
    }

    /// Stops a running plan so that it can go on later.
    public func pause(_ plan: UUID, why: String) async throws {
        _ = try await self.stop(plan, .paused, why: why, runner: nil)
    }

    /// Ends a plan for good: what was not sent goes back to the open dead letters. On a plan that is cancelled already, gives up
    /// waiting for what was sent.
    ///
    /// - Returns: How many messages were let go.
    public func cancel(_ plan: UUID, why: String) async throws -> Int {
        try await self.stop(plan, .cancelled, why: why, runner: nil)
    }

    func stop(_ plan: UUID, _ state: ReplayState, why: String?, runner: UUID?) async throws -> Int {
        _ = try await self.plan(plan)
        return try await self.reporting {
            try await self.database.query(
                "SELECT teller.stop_replay(\(plan), \(state), \(why), \(runner), \(UUID())) AS messages")
        }.first?.decode("messages") ?? 0
    }

    func start(_ plan: UUID, runner: UUID, releasesBrake: Bool) async throws {
        _ = try await self.reporting {
            try await self.database.query("SELECT teller.start_replay(\(plan), \(runner), \(releasesBrake), \(UUID()))")
        }
    }

    func status(of plan: UUID) async throws -> ReplayStatus {
        guard let row = try await self.database.query("SELECT * FROM teller.replay_status(\(plan))").first else {
            throw ReplayError.noSuchPlan(plan)
        }
        return try ReplayStatus(row)
    }

    /// Marks the next messages as being sent and hands them out.
    ///
    /// - Parameter again: Whether those are meant that an earlier process may or may not have sent.
    func next(_ plan: UUID, runner: UUID, most: Int, again: Bool = false, operation: UUID) async throws -> [ReplayedMessage] {
        try await self.reporting {
            try await self.database.query(
                "SELECT * FROM teller.send_next(\(plan), \(runner), \(most), \(again), \(operation))")
        }.map { try ReplayedMessage($0, plan: plan) }
    }

    func markSent(_ failures: [UUID], in plan: UUID) async throws {
        _ = try await self.database.query("SELECT teller.replay_sent(\(plan), \(failures))")
    }

    /// Notes that the broker has not taken a message: it is sent later, or with an outcome, cannot be sent.
    func markUnsent(_ failure: UUID, in plan: UUID, outcome: String?) async throws {
        _ = try await self.database.query("SELECT teller.replay_unsent(\(plan), \(failure), \(outcome))")
    }

    /// Messages that an earlier process was sending when it ended, and whether a worker has seen them.
    func unconfirmed(in plan: UUID) async throws -> [(failure: UUID, hasArrived: Bool)] {
        try await self.database.query(
            "SELECT failure_id, arrived_at IS NOT NULL AS arrived FROM teller.replay_items WHERE plan_id = \(plan) AND state = 'sending'"
        ).map { (try $0.decode("failure_id"), try $0.decode("arrived")) }
    }

    /// Gives what the schema's functions refuse its name.
    func reporting<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as PostgresError where error.sqlState == "TL002" {
            throw ReplayError.overtaken
        } catch let error as PostgresError where error.sqlState == "TL003" {
            throw ReplayError.refused
        } catch let error as PostgresError where error.sqlState == "TL004" {
            throw ReplayError.invalidEdit("it may change neither customer_id nor conversation_id")
        }
    }
}
