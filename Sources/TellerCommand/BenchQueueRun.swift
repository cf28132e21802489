import AMQP
import Foundation
import Logging
import TellerMessages

/// One benchmark: every contender in turn, under the same conditions.
struct BenchQueueRun: Sendable {
    /// The prefetch count beyond which a loop gets no faster.
    static let widestWindow = 256
    private static let patience: Duration = .seconds(60)
    /// How long the last acknowledgements and notes may come after the last answers.
    private static let settling: Duration = .milliseconds(200)

    let site: BenchQueueSite
    let messages: Int
    let workers: Int
    let prefetch: Int
    /// Shows a line about what is going on.
    let progress: @Sendable (String) -> Void
    private let name = String(UUID().uuidString.lowercased().prefix(8))

    init(
        site: BenchQueueSite, messages: Int, workers: Int, prefetch: Int, progress: @escaping @Sendable (String) -> Void
    ) {
        self.site = site
        self.messages = messages
        self.workers = workers
        self.prefetch = prefetch
        self.progress = progress
    }

    /// Measures all of them, and removes what that has left.
    func report() async throws -> BenchQueueReport {
        try await self.site.checkCustomers()
        var report = BenchQueueReport(workers: self.workers)
        do {
            let path = try await self.measure(.path(prefetch: self.prefetch), into: &report)
            let bodySize = path.answerSize
            try await self.measure(.loop(window: self.prefetch, bodySize: bodySize), into: &report)
            if self.prefetch != Self.widestWindow {
                try await self.measure(.loop(window: Self.widestWindow, bodySize: bodySize), into: &report)
            }
            try await self.measure(.loopWithSQL(window: self.prefetch, bodySize: bodySize), into: &report)
        } catch {
            await self.deleteRows()
            throw error
        }
        await self.deleteRows()
        return report
    }

    @discardableResult
    private func measure(
        _ contender: BenchQueueContender, into report: inout BenchQueueReport
    ) async throws -> BenchQueueMeasurement {
        self.progress("\(contender.name): \(self.messages) messages, \(self.workers) processes")
        let measurement = try await self.measurement(of: contender)
        self.progress("\(contender.name): \(Int(measurement.messagesPerSecond)) messages/s")
        report.measurements.append(measurement)
        return measurement
    }

    private func measurement(of contender: BenchQueueContender) async throws -> BenchQueueMeasurement {
        let load = BenchQueueLoad(run: self.name, contender: contender)
        let connection = try await AMQPConnection.connect(self.site.broker)
        let publisher = AMQPPublisher(self.site.broker, logger: self.site.logger)
        let processes = BenchQueueProcesses()
        let result: Result<BenchQueueMeasurement, any Error>
        let publishing = Task { await publisher.run() }
        do {
            try await load.queues.topology.apply(on: connection)
            let channel = try await connection.openChannel()
            result = .success(
                try await self.measurement(of: contender, load, processes: processes, channel: channel, publisher: publisher))
        } catch {
            result = .failure(error)
        }
        // In a task of its own, because this one may have been cancelled.
        await Task {
            await processes.stop()
            await publisher.shutdown()
            await publishing.value
            try? await load.queues.topology.delete(on: connection)
            await connection.close()
        }.value
        return try result.get()
    }

    private func measurement(
        of contender: BenchQueueContender, _ load: BenchQueueLoad, processes: BenchQueueProcesses, channel: AMQPChannel,
        publisher: AMQPPublisher
    ) async throws -> BenchQueueMeasurement {
        var pids: [pid_t] = []
        for _ in 0..<self.workers {
            pids.append(try await processes.start(
                self.site.program, contender.arguments(load.queues, at: self.site),
                environment: contender.environment(load.queues, at: self.site)))
        }
        let warmup = min(max(self.messages / 10, 100), 2000)
        try await self.waitUntilConsumed(by: contender, load, processes, channel)
        try await load.publish(0..<warmup, with: publisher)
        try await self.waitForAnswers(warmup, of: contender, load, processes, channel)

        // What follows the last answers is done within this time; then all of them stand still until the load is complete.
        try await Task.sleep(for: Self.settling)
        await processes.pause()
        try await load.publish(warmup..<warmup + self.messages, with: publisher)
        guard try await channel.messageCount(load.queues.replies.name) == UInt32(warmup) else {
            throw BenchQueueError.answeredEarly(contender: contender.name)
        }
        let client = BenchQueueClock(of: pids)
        let broker = self.site.broker.endpoints.first.flatMap { BenchQueueClock(ofServerAt: $0.host, port: $0.port) }
        let database = self.site.databaseEndpoint.flatMap { BenchQueueClock(ofServerAt: $0.host, port: $0.port) }
        let before = (client.now(), broker?.now(), database?.now())
        let start = ContinuousClock.now
        await processes.resume()
        try await self.waitForAnswers(warmup + self.messages, of: contender, load, processes, channel)
        let time = start.duration(to: .now)
        try await Task.sleep(for: Self.settling)
        let after = (client.now(), broker?.now(), database?.now())

        var answerSize = 0
        if case .path = contender {
            answerSize = try await self.checkAnswers(load, count: warmup + self.messages)
        }
        return BenchQueueMeasurement(
            contender: contender, messages: self.messages, time: time, client: after.0 - before.0,
            broker: Self.difference(after.1, before.1), database: Self.difference(after.2, before.2), answerSize: answerSize)
    }

    private static func difference(_ after: Duration?, _ before: Duration?) -> Duration? {
        guard let after, let before else { return nil }
        return after - before
    }

    private func waitUntilConsumed(
        by contender: BenchQueueContender, _ load: BenchQueueLoad, _ processes: BenchQueueProcesses, _ channel: AMQPChannel
    ) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            if let status = await processes.endedStatus() {
                throw BenchQueueError.processEnded(contender: contender.name, status: status)
            }
            let consumers = Int(try await channel.checkQueue(load.queues.requests.name).consumers)
            if consumers == self.workers { return }
            guard ContinuousClock.now < deadline else {
                throw BenchQueueError.notReady(contender: contender.name, consuming: consumers, of: self.workers)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Returns when so many messages lie in the answers' queue. Nobody consumes it meanwhile.
    private func waitForAnswers(
        _ count: Int, of contender: BenchQueueContender, _ load: BenchQueueLoad, _ processes: BenchQueueProcesses,
        _ channel: AMQPChannel
    ) async throws {
        var (answered, deadline) = (0, ContinuousClock.now + Self.patience)
        while true {
            let now = Int(try await channel.messageCount(load.queues.replies.name))
            if now >= count { return }
            if now > answered { (answered, deadline) = (now, .now + Self.patience) }
            if let status = await processes.endedStatus() {
                throw BenchQueueError.processEnded(contender: contender.name, status: status)
            }
            guard ContinuousClock.now < deadline else {
                throw BenchQueueError.stalled(contender: contender.name, answered: answered, of: count)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Takes all answers, requires exactly one for each request, and returns their mean size.
    private func checkAnswers(_ load: BenchQueueLoad, count: Int) async throws -> Int {
        let consumer = AMQPConsumer(
            self.site.broker, queues: [load.queues.replies.name], prefetch: 1000, logger: self.site.logger)
        async let consuming: Void = consumer.run()
        var (answers, size, notAnswered, taken) = ([String: Int](), 0, 0, 0)
        for await delivery in consumer.deliveries {
            let answer = try ChatAnswer(decoding: delivery.body)
            answers[answer.requestID, default: 0] += 1
            if answer.status != .answered { notAnswered += 1 }
            size += delivery.body.count
            taken += 1
            try await delivery.acknowledge()
            if taken == count { break }
        }
        await consumer.shutdown()
        await consuming
        let missing = (0..<count).count { answers[load.id($0)] == nil }
        let repeated = answers.values.count { $0 > 1 }
        guard (missing, repeated, notAnswered) == (0, 0, 0) else {
            throw BenchQueueError.wrongAnswers(missing: missing, repeated: repeated, notAnswered: notAnswered)
        }
        return size / max(1, taken)
    }

    private func deleteRows() async {
        let site = self.site
        let prefix = "bench-\(self.name)-"
        let isDone = await Task { (try? await site.deleteRows(of: prefix)) ?? false }.value
        if !isDone {
            self.progress("The rows of requests \(prefix)… stay in the schema teller: no superuser's TELLER_POSTGRES_ADMIN_URL is set.")
        }
    }
}
