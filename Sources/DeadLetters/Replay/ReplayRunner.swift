public import AMQP
import Foundation
import Postgres
import Teller

/// Sends the messages of a plan, and sees them settled.
///
/// Everything that it knows is in the database, so a process that is killed anywhere is followed by another one: a message is
/// marked before it is published and again when the broker has confirmed it, and between the two only what the database shows
/// decides whether it has to be published again.
public struct ReplayRunner: Sendable {
    /// How long a message that may have been published is given to show up at a worker, once no queue holds any.
    private static let grace = Duration.seconds(2)
    /// How long it is given while a queue still holds messages, of which it may be one.
    private static let longestGrace = Duration.seconds(30)
    private static let largestBatch = 100

    private let store: ReplayStore
    private let publisher: AMQPPublisher
    private let broker: AMQPConfiguration

    public init(store: ReplayStore, publisher: AMQPPublisher, broker: AMQPConfiguration) {
        self.store = store
        self.publisher = publisher
        self.broker = broker
    }

    /// Works on a plan until all of it is settled, or it is paused, cancelled or braked.
    ///
    /// - Parameters:
    ///   - releasesBrake: Whether a plan that was braked goes on.
    ///   - report: Called about once a second, and when something changes.
    /// - Returns: The plan as it was left.
    /// - Throws: ``ReplayError/overtaken`` when another process works on the plan.
    public func run(
        _ plan: ReplayPlan, releasesBrake: Bool = false, report: @escaping @Sendable (ReplayProgress) -> Void
    ) async throws -> ReplayPlan {
        // The lock is a transaction's and ends with this process, whatever becomes of it; the transaction does nothing else.
        try await self.store.database.postgres.withTransaction { lock in
            let rows = try await lock.query(
                "SELECT pg_try_advisory_xact_lock(hashtextextended('teller.replay/' || \(plan.id)::text, 0)) AS is_ours")
            guard try rows.first?.decode("is_ours") == true else { throw ReplayError.overtaken }
            let runner = UUID()
            try await self.store.start(plan.id, runner: runner, releasesBrake: releasesBrake)
            try await self.settleUnconfirmed(plan.id, runner: runner, lock)
            try await self.send(plan, runner: runner, lock, report)
        }
        return try await self.store.plan(plan.id)
    }

    private func send(
        _ plan: ReplayPlan, runner: UUID, _ lock: PostgresTransaction, _ report: @Sendable (ReplayProgress) -> Void
    ) async throws {
        let operation = UUID()
        let ramp = CanaryRamp(steps: plan.options.canary)
        var bucket = TokenBucket(rate: plan.options.rate, now: .now)
        var meter = ReplayMeter(plan: plan)
        while true {
            let status = try await self.store.status(of: plan.id)
            if status.state != .running || status.runner != runner { return }
            if meter.isDue(.now) {
                // Also keeps the transaction that holds the lock from being taken for idle.
                try await lock.query("SELECT 1")
                report(meter.progress(try await self.store.preview(of: plan.id), status, now: .now))
            }
            if let reason = plan.options.brake.reason(status) {
                _ = try await self.store.stop(plan.id, .braked, why: reason, runner: runner)
                continue
            }
            if !status.isPending, status.unsettled == 0 {
                report(meter.progress(try await self.store.preview(of: plan.id), status, now: .now))
                _ = try await self.store.stop(plan.id, .finished, why: nil, runner: runner)
                return
            }
            let room = min(
                ramp.allowance(sent: status.sent, unsettled: status.unsettled) ?? .max, plan.options.inFlight - status.unsettled,
                Self.largestBatch)
            let most = status.isPending && room > 0 ? bucket.take(room, now: .now) : 0
            let messages = most > 0 ? try await self.store.next(plan.id, runner: runner, most: most, operation: operation) : []
            bucket.giveBack(most - messages.count)
            if messages.isEmpty {
                try await Task.sleep(for: min(.milliseconds(50), max(.milliseconds(2), bucket.pause(now: .now))))
            } else {
                try await self.publish(messages, of: plan.id)
            }
        }
    }

    /// Publishes messages that are marked as being sent, all at once, and marks those that the broker has confirmed.
    private func publish(_ messages: [ReplayedMessage], of plan: UUID) async throws {
        let outcomes = await withTaskGroup(of: (UUID, Outcome).self) { group in
            for message in messages {
                group.addTask { (message.failure, await self.publish(message)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var sent: [UUID] = []
        var trouble: AMQPError?
        for (failure, outcome) in outcomes {
            switch outcome {
            case .confirmed: sent.append(failure)
            case .impossible(let why): try await self.store.markUnsent(failure, in: plan, outcome: why)
            case .nacked(let error):
                try await self.store.markUnsent(failure, in: plan, outcome: nil)
                trouble = error
            case .unknown(let error): trouble = error
            }
        }
        try await self.store.markSent(sent, in: plan)
        if let trouble { throw trouble }
    }

    private enum Outcome {
        case confirmed
        /// It can never be published, for this reason.
        case impossible(String)
        case nacked(AMQPError)
        /// It may have arrived: the next process to work on the plan finds out.
        case unknown(AMQPError)
    }

    private func publish(_ message: ReplayedMessage) async -> Outcome {
        guard case .success(let publication) = message.publication else { return .impossible("damaged") }
        do {
            try await self.publisher.publish(publication.message, exchange: "teller.requests", routingKey: publication.routingKey)
            return .confirmed
        } catch {
            return switch error.code {
            case .unroutable, .invalidArgument: .impossible("\(error.code)")
            case .nacked: .nacked(error)
            default: .unknown(error)
            }
        }
    }

    /// Finds out what became of messages that an earlier process was sending when it ended, and sends those again that did not arrive.
    private func settleUnconfirmed(_ plan: UUID, runner: UUID, _ lock: PostgresTransaction) async throws {
        let start = ContinuousClock.now
        while true {
            let unconfirmed = try await self.store.unconfirmed(in: plan)
            try await self.store.markSent(unconfirmed.filter(\.hasArrived).map(\.failure), in: plan)
            if unconfirmed.allSatisfy(\.hasArrived) { return }
            let waited = start.duration(to: .now)
            if waited > Self.grace {
                let isEmpty = try await self.readyMessages() == 0
                if isEmpty || waited > Self.longestGrace { break }
                try await lock.query("SELECT 1")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        let again = try await self.store.next(plan, runner: runner, most: .max, again: true, operation: UUID())
        try await self.publish(again, of: plan)
    }

    /// How many requests wait in their queues for a worker.
    private func readyMessages() async throws -> Int {
        let connection = try await AMQPConnection.connect(self.broker)
        let channel = try await connection.openChannel()
        var ready = 0
        for queue in AMQPTopology.teller.queues where queue.name.hasPrefix("teller.requests.") {
            ready += Int(try await channel.messageCount(queue.name))
        }
        await connection.close()
        return ready
    }
}
