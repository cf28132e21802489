import AMQP
import EventLoops
import Foundation
import Ledger
public import Logging
import Postgres

/// Takes the queue of dead letters in without a worker: `teller dead ingest`.
public struct DeadLetterIngestion: Sendable {
    /// How many messages had which outcome.
    public struct Count: Sendable, Hashable {
        /// They are in the database now.
        public internal(set) var kept = 0
        /// They were there already.
        public internal(set) var known = 0
        /// They are in the queue again, because somebody is at their request or something is wrong with them.
        public internal(set) var returned = 0

        public var total: Int { self.kept + self.known + self.returned }
    }

    private let configuration: TellerConfiguration
    private let logger: Logger

    /// Needs a worker's configuration but its model.
    public init(_ configuration: TellerConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Runs until the queue is empty, or with `isEndless` until its task is cancelled.
    ///
    /// - Parameter progress: Called several times a second with the count so far.
    public func run(isEndless: Bool, progress: @Sendable (Count) -> Void) async throws -> Count {
        let authenticator = try await TellerService.authenticator(self.configuration)
        let ticketKey = try TicketKey(contentsOfFile: self.configuration.ticketKeyFile)
        try await StartupCheck.checkTopology(of: self.configuration.amqp)
        let postgres = PostgresClient(self.configuration.postgres, logger: self.logger)
        let publisher = AMQPPublisher(self.configuration.amqp, logger: self.logger)
        let consumer = AMQPConsumer(
            self.configuration.amqp, queues: [DeadLetterDrain.queue], prefetch: 8 * DeadLetterDrain.prefetch, logger: self.logger)
        let journal = RequestJournal(postgres: postgres, worker: UUID())
        let marks = PublicationMarks(journal: journal)
        let answers = AnswerPublisher(
            publisher: publisher, policy: ReplyPolicy(patterns: self.configuration.replyToAllow), marks: marks)
        let drain = DeadLetterDrain(
            consumer: consumer,
            ingester: DeadLetterIngester(
                authenticator: authenticator, ticketKey: ticketKey, journal: journal,
                settlement: FailureSettlement(journal: journal, answers: answers, policy: RecoveryPolicy()), logger: self.logger))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await postgres.run() }
            group.addTask { await publisher.run() }
            group.addTask { await consumer.run() }
            group.addTask { try await marks.run() }
            defer { group.cancelAll() }
            try await StartupCheck.checkSchema(of: postgres)
            let count = try await self.run(drain, consumer, isEndless: isEndless, progress)
            await consumer.shutdown()
            await publisher.shutdown()
            await marks.write()
            postgres.shutdown()
            return count
        }
    }

    private func run(
        _ drain: DeadLetterDrain, _ consumer: AMQPConsumer, isEndless: Bool, _ progress: @Sendable (Count) -> Void
    ) async throws -> Count {
        let count = Locked(Count())
        async let draining: Void = drain.drain { outcome in count.withLock { $0.add(outcome) } }
        var isDone = false
        while !isDone {
            progress(count.withLock { $0 })
            try await Task.sleep(for: .milliseconds(300))
            if !isEndless { isDone = try await self.isDone(consumer, count.withLock { $0.total }) }
        }
        await consumer.cancel()
        await draining
        return count.withLock { $0 }
    }

    /// Whether nothing is left in the queue and nothing in hand.
    private func isDone(_ consumer: AMQPConsumer, _ settled: Int) async throws -> Bool {
        guard consumer.status.phase == .connected, consumer.status.messages == UInt64(settled) else { return false }
        let connection = try await AMQPConnection.connect(self.configuration.amqp)
        let waiting = try await connection.withChannel { channel throws(AMQPError) in try await channel.messageCount(DeadLetterDrain.queue) }
        await connection.close()
        return waiting == 0 && consumer.status.messages == UInt64(settled)
    }
}

extension DeadLetterIngestion.Count {
    fileprivate mutating func add(_ outcome: DeadLetterIngester.Outcome) {
        switch outcome {
        case .kept: self.kept += 1
        case .known: self.known += 1
        case .returned: self.returned += 1
        }
    }
}
