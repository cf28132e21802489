import AMQP
import Crypto
import Foundation
import Ledger
import TellerMessages

/// Carries out what the policy decided about a failure, and acknowledges the delivery when that is confirmed.
struct FailureSettlement: Sendable {
    let journal: RequestJournal
    let answers: AnswerPublisher
    let policy: RecoveryPolicy

    /// After this many failures of its own, a dead letter is left to its queue without a record in the database.
    private static let patience = 5

    func settle(
        _ delivery: AMQPDelivery, _ request: ChatRequest?, _ failure: Failure, _ progress: inout Progress
    ) async throws -> WorkerInstruments.Outcome {
        let failures = progress.attempt?.failures ?? Self.claimedAttempts(of: delivery)
        if progress.failedSettlements > Self.patience {
            try await self.publishDeadLetter(delivery, failure.failureClass.rawValue, failure.fingerprint, failures + 1, &progress)
            let recipient = Self.recipient(of: delivery, request)
            let answer = ChatAnswer(failure, to: request, id: recipient.requestID)
            try await self.send(RecordedAnswer(answer, apartFor: delivery.body), to: recipient, delivery, &progress)
            return .deadLettered
        }
        switch self.policy.disposition(of: failure, afterFailures: failures) {
        case .answer:
            let answer = try await self.record(delivery, request, failure, nil, &progress)
            try await self.send(answer, to: Self.recipient(of: delivery, request), delivery, &progress)
            return answer.status == .expired ? .expired : .refused
        case .retry(let tier):
            if let attempt = progress.attempt, let customer = progress.customer {
                try await progress.run(.record) {
                    try await self.journal.release(attempt, after: failure, retryIn: tier.seconds, as: customer)
                }
                progress.attempt = nil
            }
            try await self.comeBack(delivery, attempt: failures + 1, in: tier, &progress)
            return .retried
        case .deadLetter, .hold:
            let letter = DeadLetter(
                CleanCopy.original(of: delivery), request: request, customerID: progress.customer?.id, failure: failure, attempts: failures + 1,
                firstFailure: progress.attempt?.firstClaim ?? progress.firstFailure ?? Date())
            let answer = try await self.record(delivery, request, failure, letter, &progress)
            try await self.publishDeadLetter(delivery, failure.failureClass.rawValue, failure.fingerprint, failures + 1, &progress)
            try await self.send(answer, to: Self.recipient(of: delivery, request), delivery, &progress)
            return .deadLettered
        }
    }

    /// Sends a recorded answer once more. A `failed` one goes with its dead letter, whose copy may not have got out before.
    func sendAgain(
        _ answer: RecordedAnswer, to recipient: Recipient, _ delivery: AMQPDelivery, _ progress: inout Progress
    ) async throws {
        if answer.status == .failed, let problem = try JSONValue(parsing: answer.body, maximumSize: 1 << 20).object?["problem"]?.object {
            try await self.publishDeadLetter(
                delivery, problem["class"]?.string ?? "bug", problem["fingerprint"]?.string ?? "", 0, &progress)
        }
        try await self.send(answer, to: recipient, delivery, &progress)
    }

    /// Sends a clean copy through a retry queue in the delivery's place.
    func comeBack(
        _ delivery: AMQPDelivery, attempt: Int, in tier: RetryTier, _ progress: inout Progress
    ) async throws {
        let message = CleanCopy.forRetry(of: delivery, attempt: attempt)
        try await progress.run(.publish) {
            try await self.answers.retry(message, in: tier, routingKey: delivery.returnKey)
        }
        try await progress.run(.acknowledge) { try await delivery.acknowledge() }
    }

    /// Settles the request with an answer that says why there is none. Without an attempt there is nothing to settle: the
    /// answer is then made of the message alone, so that a repeat makes the same one.
    func record(
        _ delivery: AMQPDelivery, _ request: ChatRequest?, _ failure: Failure, _ letter: DeadLetter?, _ progress: inout Progress
    ) async throws -> RecordedAnswer {
        if let recorded = progress.recordedFailure { return recorded }
        let answer = ChatAnswer(failure, to: request, id: Self.recipient(of: delivery, request).requestID)
        guard let attempt = progress.attempt, let customer = progress.customer else {
            if let letter { try await progress.run(.record) { try await self.journal.bury(letter) } }
            if let replay = ReplayMark(delivery.properties.headers) {
                try await progress.run(.record) {
                    try await self.journal.endReplay(replay, of: delivery.body, answer.status, fingerprint: failure.fingerprint)
                }
            }
            return RecordedAnswer(answer, apartFor: delivery.body)
        }
        let recorded = try await progress.run(.record) {
            try await self.journal.record(answer, by: attempt, as: customer, burying: letter)
        }
        progress.recordedFailure = recorded
        return recorded
    }

    private func publishDeadLetter(
        _ delivery: AMQPDelivery, _ failureClass: String, _ fingerprint: String, _ attempts: Int, _ progress: inout Progress
    ) async throws {
        let message = CleanCopy.deadLetter(of: delivery, failureClass: failureClass, fingerprint: fingerprint, attempts: attempts)
        try await progress.run(.publish) {
            try await self.answers.deadLetter(message, routingKey: delivery.routingKey)
        }
    }

    /// Publishes an answer and acknowledges the delivery.
    func send(
        _ answer: RecordedAnswer, to recipient: Recipient, _ delivery: AMQPDelivery, _ progress: inout Progress
    ) async throws {
        try await progress.run(.publish) { try await self.answers.publish(answer, to: recipient) }
        try await progress.run(.acknowledge) { try await delivery.acknowledge() }
    }

    /// Before a request is claimed, only the copy itself tells how often it was tried. A forged number harms only its sender.
    private static func claimedAttempts(of delivery: AMQPDelivery) -> Int {
        guard let attempt = delivery.properties.headers?["teller-attempt"]?.integer else { return 0 }
        return Int(max(0, min(attempt, 100)))
    }

    /// Where to send the answer to a message that may not even be readable: by its properties, where they are well formed.
    static func recipient(of delivery: AMQPDelivery, _ request: ChatRequest?) -> Recipient {
        if let request { return Recipient(of: delivery, request) }
        let properties = delivery.properties
        let id = properties.messageID.flatMap { Identifier.isValid($0) ? $0 : nil }
            ?? "sha256:" + SHA256.hash(data: delivery.body).prefix(16).hexadecimal
        return Recipient(
            requestID: id, correlationID: properties.correlationID.flatMap { Identifier.isValid($0) ? $0 : nil } ?? id,
            replyTo: properties.replyTo, trace: nil, routingKey: delivery.routingKey)
    }
}
