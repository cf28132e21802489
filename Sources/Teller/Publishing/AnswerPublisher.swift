import AMQP
import TellerMessages

/// Sends answers, retries and dead letters; each call returns when the broker has confirmed that the message is in a queue.
struct AnswerPublisher: Sendable {
    let publisher: AMQPPublisher
    let policy: ReplyPolicy
    let marks: PublicationMarks

    /// Sends an answer to the requester's queue when it is allowed and there, else to the exchange for answers, and has it
    /// marked as published.
    func publish(_ answer: RecordedAnswer, to recipient: Recipient) async throws {
        try await self.send(answer, to: recipient)
        self.marks.note(answer.id)
    }

    private func send(_ answer: RecordedAnswer, to recipient: Recipient) async throws {
        let message = AMQPMessage(
            properties: ChatAnswer.properties(
                id: answer.messageID, requestID: recipient.requestID, correlationID: recipient.correlationID, trace: recipient.trace),
            body: answer.body)
        if let queue = recipient.replyTo, self.policy.allows(queue) {
            do {
                return try await self.publisher.publish(message, exchange: "", routingKey: queue)
            } catch where error.code == .unroutable {
                // The requester is gone; its answer is kept where it can be found.
            }
        }
        try await self.publisher.publish(message, exchange: ReplyPolicy.fallbackExchange, routingKey: recipient.routingKey)
    }

    func retry(_ message: AMQPMessage, in tier: RetryTier, routingKey: String) async throws {
        try await self.publisher.publish(message, exchange: tier.name, routingKey: routingKey)
    }

    func deadLetter(_ message: AMQPMessage, routingKey: String) async throws {
        try await self.publisher.publish(message, exchange: "teller.dead", routingKey: routingKey)
    }
}

/// To whom an answer goes.
struct Recipient: Sendable {
    let requestID: String
    let correlationID: String
    let replyTo: String?
    let trace: TraceContext?
    /// The request's routing key, under which the answer is published when there is no queue to reply to.
    let routingKey: String
}
