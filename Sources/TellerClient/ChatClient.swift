public import AMQP
import EventLoops
import Foundation
public import Logging
public import TellerMessages

/// Asks Teller questions over the broker and awaits the answers.
///
///     try await ChatClient.withConnection(to: broker, logger: logger) { client in
///         let answer = try await client.ask(request, timeout: .seconds(20))
///     }
public struct ChatClient: Sendable {
    private let publisher: AMQPPublisher
    private let replyQueue: String
    private let waiting: WaitingReplies

    /// Connects, runs the body with a client, and disconnects. Answers come to a queue of the client's own, which the broker
    /// removes when it is no longer used.
    public static func withConnection<Result: Sendable>(
        to broker: AMQPConfiguration, logger: Logger, _ body: (ChatClient) async throws -> Result
    ) async throws -> Result {
        let replyQueue = "teller.replies.\(UUID().uuidString.lowercased())"
        // The broker removes the queue a minute after its last consumer went: longer than a reconnection takes.
        let reply = AMQPTopology(queues: [.init(replyQueue, arguments: ["x-expires": .int64(60_000)])])
        let connection = try await AMQPConnection.connect(broker)
        do {
            try await reply.apply(on: connection)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()

        let publisher = AMQPPublisher(broker, logger: logger)
        let consumer = AMQPConsumer(broker, queues: [replyQueue], prefetch: 100, logger: logger)
        let waiting = WaitingReplies()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await publisher.run() }
            group.addTask { await consumer.run() }
            group.addTask {
                for await delivery in consumer.deliveries {
                    waiting.receive(delivery.message)
                    try? await delivery.acknowledge()
                }
            }
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await body(ChatClient(publisher: publisher, replyQueue: replyQueue, waiting: waiting)))
            } catch {
                result = .failure(error)
            }
            await consumer.cancel()
            await consumer.shutdown()
            await publisher.shutdown()
            return try result.get()
        }
    }

    /// Publishes a request and returns its answer, as it came.
    ///
    /// - Parameter routingKey: `banking.…` or `trading.…`, which chooses the queue.
    /// - Throws: ``ChatClientError`` when no answer comes in time, or what `AMQPPublisher` throws.
    public func ask(
        _ request: ChatRequest, routingKey: String = "banking.chat", timeout: Duration
    ) async throws -> (answer: ChatAnswer, body: [UInt8]) {
        var request = request
        request.replyTo = self.replyQueue
        let reply = self.waiting.expect(request.correlationID)
        defer { self.waiting.forget(request.correlationID) }
        try await self.publisher.publish(request.message, exchange: "teller.requests", routingKey: routingKey)
        let body = try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                for await body in reply { return body }
                return nil
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let body else { throw ChatClientError.noAnswer(after: timeout) }
        return (try ChatAnswer(decoding: body), body)
    }
}

/// Why there was no answer.
public enum ChatClientError: Error, CustomStringConvertible {
    case noAnswer(after: Duration)

    public var description: String {
        switch self {
        case .noAnswer(let timeout):
            "no answer came within \(timeout.components.seconds) s; see whether a worker runs and consumes the queue (teller doctor)"
        }
    }
}

/// The answers that callers wait for, by correlation id.
private final class WaitingReplies: Sendable {
    private let continuations = Locked<[String: AsyncStream<[UInt8]>.Continuation]>([:])

    func expect(_ correlationID: String) -> AsyncStream<[UInt8]> {
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self, bufferingPolicy: .bufferingNewest(1))
        self.continuations.withLock { $0[correlationID] = continuation }
        return stream
    }

    func forget(_ correlationID: String) {
        self.continuations.withLock { $0[correlationID] = nil }
    }

    /// Takes answers only: the chunks of a stream come before them and say nothing that they do not.
    func receive(_ message: AMQPMessage) {
        guard message.properties.type == ChatAnswer.messageType, let id = message.properties.correlationID else { return }
        let continuation = self.continuations.withLock { $0[id] }
        continuation?.yield(message.body)
        continuation?.finish()
    }
}
