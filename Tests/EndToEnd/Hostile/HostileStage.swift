import AMQP
import Crypto
import EventLoops
import Foundation
import Glibc
import TellerMessages
import Testing

/// A worker among hostile clients, for as long as a suite lasts.
struct HostileStage: Sendable {
    @TaskLocal static var current: HostileStage?

    let world: WorkerWorld
    let observer: HostileObserver
    let publisher: AMQPPublisher
    fileprivate let worker: Locked<WorkerProcess>

    /// Where the worker's log is.
    var log: String { self.worker.withLock { $0.log } }

    /// How long a message may take to its outcome while others are on their way too.
    private static let patience = Duration.seconds(30)

    /// Publishes the messages, waits for what comes of them, and tells what should have been otherwise: a line for each.
    ///
    /// Where one of them brings the worker down or to a standstill, each is tried again alone, so that the guilty one is named.
    func complaints(about cases: [HostileCase]) async throws -> [String] {
        let complaints = try await self.attempt(cases)
        guard cases.count > 1, try await !self.isWorking() else { return complaints }
        var guilty: [String] = []
        for hostile in cases {
            try await self.startAgain()
            guilty += try await self.attempt([hostile])
            if try await !self.isWorking() { guilty.append("\(hostile.name): the worker is dead or answers no more") }
        }
        try await self.startAgain()
        return guilty.isEmpty ? ["only together they bring the worker down: \(complaints)"] : guilty
    }

    private func attempt(_ cases: [HostileCase]) async throws -> [String] {
        let drafts = try cases.map { (hostile: $0, draft: try $0.draft()) }
        var pending: [(hostile: HostileCase, draft: HostileDraft)] = []
        var complaints: [String] = []
        for (index, isTaken) in try await self.publish(drafts) {
            let hostile = drafts[index].hostile
            if isTaken == (hostile.outcome == .stopped) {
                complaints.append("\(hostile.name): the broker \(isTaken ? "took it" : "refused it")")
            } else if isTaken {
                pending.append(drafts[index])
            }
        }
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline, self.worker.withLock({ $0.isRunning }),
            !pending.allSatisfy({ HostileVerdict(self.observer[$0.draft.key]).isComplete })
        {
            try await Task.sleep(for: .milliseconds(20))
        }
        for (hostile, draft) in pending {
            let faults = HostileVerdict(self.observer[draft.key]).faults(hostile, draft)
            complaints += faults.map { "\(hostile.name): \($0)" }
        }
        return try await complaints + self.missing(from: pending.filter { $0.hostile.outcome == .failed })
    }

    /// Says which of the dead letters the database does not hold, or not byte for byte.
    private func missing(from letters: [(hostile: HostileCase, draft: HostileDraft)]) async throws -> [String] {
        guard !letters.isEmpty else { return [] }
        let digests = letters.map { SHA256.hash(data: $0.draft.bytes).hexadecimal }
        let list = Set(digests).map { "'\($0)'" }.joined(separator: ",")
        let kept = try await self.world.count(
            """
            SELECT count(DISTINCT sha256(body)) FROM teller.failures
            WHERE encode(sha256(body), 'hex') IN (\(list)) AND failure_class = 'poison' AND last_failed_at > now() - interval '5 minutes'
            """)
        return kept == Set(digests).count ? [] : ["the database holds \(kept) of \(Set(digests).count) dead letters"]
    }

    /// Publishes the messages, some at a time, and says of each by its index whether the broker took it.
    private func publish(_ drafts: [(hostile: HostileCase, draft: HostileDraft)]) async throws -> [(Int, Bool)] {
        let lanes = 8
        return try await withThrowingTaskGroup(of: [(Int, Bool)].self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    var results: [(Int, Bool)] = []
                    for index in stride(from: lane, to: drafts.count, by: lanes) {
                        let (hostile, draft) = drafts[index]
                        // What makes the broker close the channel would have the others sent again.
                        let isTaken = hostile.outcome == .stopped
                            ? try await AMQPPublisher.with(self.world.broker) { try await self.publish(draft, by: $0) }
                            : try await self.publish(draft, by: self.publisher)
                        results.append((index, isTaken))
                    }
                    return results
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Publishes a message, and says whether the broker took it.
    private func publish(_ draft: HostileDraft, by publisher: AMQPPublisher) async throws -> Bool {
        do {
            if draft.rawProperties == nil, let routingKey = String(validating: draft.routingKey, as: UTF8.self) {
                try await publisher.publish(draft.message, exchange: draft.exchange, routingKey: routingKey, timeout: .seconds(60))
                return true
            }
            var raw = draft
            if raw.rawProperties == nil { raw.spoilBytes { _ in } }
            try await AMQPRawClient().publish(
                propertyList: raw.rawProperties?.encoded ?? [], body: draft.bytes, exchange: draft.exchange,
                routingKey: draft.routingKey, self.world.broker)
            return true
        } catch let error as AMQPError where error.code == .channelClosed || error.code == .connectionClosed {
            return false
        } catch let error as AMQPRawClient.Failure where error.replyCode != nil {
            return false
        }
    }

    /// Whether a good request is answered.
    func isWorking() async throws -> Bool {
        guard self.worker.withLock({ $0.isRunning }) else { return false }
        return try await self.answer(to: try HostileDraft()).flatMap { try ChatAnswer(decoding: $0.body) }?.status == .answered
    }

    /// Publishes a message and waits for the answer to it; nil when none comes.
    func answer(to draft: HostileDraft) async throws -> HostileObserver.Answer? {
        let before = self.observer[draft.key].answers.count
        guard try await self.publish(draft, by: self.publisher) else { return nil }
        let deadline = ContinuousClock.now + .seconds(15)
        while ContinuousClock.now < deadline {
            let answers = self.observer[draft.key].answers
            if answers.count > before { return answers.last }
            try await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }

    /// Starts another worker in place of this one, with nothing left to do.
    private func startAgain() async throws {
        let old = self.worker.withLock { $0 }
        if old.isRunning { old.signal(SIGKILL) }
        try await old.end()
        let data = self.world.folder + "/services"
        for queue in ["teller.requests.banking", "teller.requests.trading"] {
            try await WorkerWorld.run(self.world.services, ["ctl", "--data", data, "purge_queue", queue])
        }
        let next = try Self.start(in: self.world)
        self.worker.withLock { $0 = next }
        _ = try await self.isWorking()
    }

    fileprivate static func start(in world: WorkerWorld) throws -> WorkerProcess {
        let keys = world.folder + "/hostile-jwks.json"
        try HostileToken.keySet.write(toFile: keys, atomically: true, encoding: .utf8)
        return try WorkerProcess(in: world, ["TELLER_JWKS_FILE": keys])
    }
}

/// Sets the stage for the tests of a suite.
struct HostileStageTrait: SuiteTrait, TestScoping {
    @concurrent func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        let world = try await WorkerWorld.shared.value
        let observer = HostileObserver(UUID().uuidString.lowercased())
        let connection = try await AMQPConnection.connect(world.broker)
        try await observer.topology.apply(on: connection)
        await connection.close()
        let queues = [observer.answerQueue, observer.letterQueue, observer.replyQueue]
        try await AMQPPublisher.with(world.broker) { publisher in
            try await AMQPConsumer.with(world.broker, queues: queues, prefetch: 100) { consumer in
                async let listening: Void = observer.listen(to: consumer)
                let stage = HostileStage(
                    world: world, observer: observer, publisher: publisher, worker: Locked(try HostileStage.start(in: world)))
                try await HostileStage.$current.withValue(stage, operation: function)
                let worker = stage.worker.withLock { $0 }
                worker.signal(SIGTERM)
                #expect(try await worker.end() == 0)
                await consumer.cancel()
                await listening
            }
        }
    }
}

extension Trait where Self == HostileStageTrait {
    static var hostileStage: Self { Self() }
}
