import AMQP
import EventLoops
import Foundation
import TellerClient
import TellerMessages
import Testing

/// An integrating system: publishes requests and keeps every answer that comes to its queue.
final class WorkerRequester: Sendable {
    struct Received: Sendable {
        let messageID: String?
        let body: [UInt8]
        let headers: AMQPTable?
        let time: ContinuousClock.Instant

        var answer: ChatAnswer {
            get throws { try ChatAnswer(decoding: self.body) }
        }
    }

    let replyTo: String
    private let world: WorkerWorld
    private let publisher: AMQPPublisher
    private let received = Locked<[String: [Received]]>([:])

    private init(_ world: WorkerWorld, replyTo: String, publisher: AMQPPublisher) {
        self.world = world
        self.replyTo = replyTo
        self.publisher = publisher
    }

    /// Runs the body with a requester that has a queue of its own, or listens to the one named.
    static func with<Result: Sendable>(
        in world: WorkerWorld, listeningTo queue: String? = nil, _ body: (WorkerRequester) async throws -> Result
    ) async throws -> Result {
        let replyTo = queue ?? "teller.replies.\(UUID().uuidString.lowercased())"
        if queue == nil {
            let connection = try await AMQPConnection.connect(world.broker)
            try await AMQPTopology(queues: [.quorum(replyTo, arguments: ["x-expires": .int64(600_000)])]).apply(on: connection)
            await connection.close()
        }
        return try await AMQPPublisher.with(world.broker) { publisher in
            let requester = WorkerRequester(world, replyTo: replyTo, publisher: publisher)
            return try await AMQPConsumer.with(world.broker, queues: [replyTo], prefetch: 100) { consumer in
                async let listening: Void = requester.listen(to: consumer)
                let result = try await body(requester)
                await consumer.cancel()
                await listening
                return result
            }
        }
    }

    private func listen(to consumer: AMQPConsumer) async {
        for await delivery in consumer.deliveries {
            let answer = Received(
                messageID: delivery.properties.messageID, body: delivery.body, headers: delivery.properties.headers, time: .now)
            self.received.withLock { $0[delivery.properties.correlationID ?? "", default: []].append(answer) }
            try? await delivery.acknowledge()
        }
    }

    /// A request of a customer with a token, whose plan and wording need no inference unless the body is changed.
    func request(
        _ id: String = UUID().uuidString.lowercased(), from customer: String = "C-1001", question: String = "What is my balance?",
        token tokenCustomer: String? = nil, _ change: (inout ChatRequest) -> Void = { _ in }
    ) async throws -> ChatRequest {
        var body = ChatRequest.Body(conversationID: "conversation-\(id)", customerID: customer, question: question)
        body.plan = ToolCall(tool: "account.balance", arguments: ["account": "checking"])
        body.wantsPlainWording = true
        let token = try await CustomerToken.sign(customer: tokenCustomer ?? customer, audience: "teller", privateKeyPEM: self.world.signingKey)
        var request = ChatRequest(id: id, replyTo: self.replyTo, token: token, body: body)
        change(&request)
        return request
    }

    func publish(_ request: ChatRequest, routingKey: String = "banking.test") async throws {
        try await self.publish(request.message, routingKey: routingKey)
    }

    func publish(_ message: AMQPMessage, routingKey: String = "banking.test") async throws {
        try await self.publisher.publish(message, exchange: "teller.requests", routingKey: routingKey, timeout: .seconds(60))
    }

    /// When each answer to whichever request came, in order.
    var times: [ContinuousClock.Instant] { self.received.withLock { $0.values.joined().map(\.time).sorted() } }

    /// All that has come for a correlation id.
    func answers(to correlationID: String) -> [Received] {
        self.received.withLock { $0[correlationID] ?? [] }
    }

    /// The answer to a request, as soon as it is there.
    func answer(to correlationID: String, within limit: Duration = .seconds(30)) async throws -> Received {
        let deadline = ContinuousClock.now + limit
        while true {
            if let answer = self.answers(to: correlationID).first { return answer }
            try #require(ContinuousClock.now < deadline, "no answer to \(correlationID) came within \(limit)")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// How requests were answered, when all of them are.
    func statuses(of ids: [String], within limit: Duration = .seconds(60)) async throws -> Set<ChatAnswer.Status> {
        var statuses: Set<ChatAnswer.Status> = []
        for id in ids { statuses.insert(try await self.answer(to: id, within: limit).answer.status) }
        return statuses
    }

    /// Publishes a request and returns its answer.
    func ask(_ request: ChatRequest, within limit: Duration = .seconds(30)) async throws -> ChatAnswer {
        try await self.publish(request)
        return try await self.answer(to: request.correlationID, within: limit).answer
    }
}
