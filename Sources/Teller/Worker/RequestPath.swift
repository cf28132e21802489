import AMQP
import Foundation
import Ledger
import TellerMessages

/// The path of a request: delivery → decode → authenticate → claim → plan → resolve → compose → check → record → publish →
/// confirm → acknowledge.
struct RequestPath: Sendable {
    /// How long the database honours a ticket: the longest time from authentication to record, in seconds.
    private static let ticketLifetime: TimeInterval = 600

    let authenticator: any Authenticator
    let ticketKey: TicketKey
    let journal: RequestJournal
    let maker: AnswerMaker
    let answers: AnswerPublisher

    /// Takes a request to its recorded answer. What was done before, in `progress`, is not done again.
    ///
    /// - Parameter alone: Whether this worker is at nothing else.
    func answer(
        _ request: ChatRequest, _ delivery: AMQPDelivery, alone: Bool, _ progress: inout Progress
    ) async throws -> Outcome {
        let verified = try await progress.run(.authenticate) {
            try await self.authenticator.customer(of: request, from: delivery.message)
        }
        let customer = self.customer(verified.id, for: request.id)
        progress.customer = customer

        let claim = try await progress.run(.claim) {
            try await self.journal.claim(
                request, message: delivery.body, replay: ReplayMark(delivery.properties.headers), tokenDigest: verified.otherBody,
                as: customer, acceptsNew: !verified.hasExpired, redelivered: delivery.redelivered, alone: alone)
        }
        switch claim {
        case .settled(let answer): return .repeated(answer)
        case .waiting: return .notYet
        case .suspect: return .suspect
        case .unknown: throw AuthenticationError(.expired)
        case .otherBody: throw AuthenticationError(.otherBody)
        case .conflict: throw Failure.idConflict
        case .quarantined(let attempt):
            progress.attempt = attempt
            throw Failure.poison(
                .claim, cause: "crash_loop", title: "The request was begun several times and its worker vanished each time.",
                detail: "It is kept, and is not tried again.")
        case .started(let attempt): progress.attempt = attempt
        }
        FaultPoint.reach(.claimed, request)

        let answer: ChatAnswer
        if let made = progress.answer {
            answer = made
        } else {
            let previousPlan = progress.attempt?.previousPlan
            answer = try await self.maker.answer(to: request, from: customer, after: previousPlan, &progress)
        }
        progress.answer = answer
        FaultPoint.reach(.answered, request)

        guard let attempt = progress.attempt else { throw JournalError.overtaken }
        let recorded = try await progress.run(.record) {
            try await self.journal.record(answer, by: attempt, as: customer)
        }
        FaultPoint.reach(.recorded, request)
        return .answered(recorded)
    }

    /// A customer who has been verified, with a fresh ticket for the database.
    func customer(_ id: String, for requestID: String) -> Customer {
        Customer(
            verified: id, request: requestID, expires: Date().addingTimeInterval(Self.ticketLifetime), key: self.ticketKey)
    }

    /// Publishes a recorded answer, waits for the broker's confirm, and acknowledges the delivery.
    func send(
        _ answer: RecordedAnswer, to recipient: Recipient, _ delivery: AMQPDelivery, _ progress: inout Progress
    ) async throws {
        try await progress.run(.publish) { try await self.answers.publish(answer, to: recipient) }
        FaultPoint.reach(.published, nil)
        try await progress.run(.acknowledge) { try await delivery.acknowledge() }
    }

    /// Why the request met an error, with the model where one ran: not for a given plan whose answer is worded plainly.
    func failure(of error: any Error, in stage: Failure.Stage, _ request: ChatRequest?) -> Failure {
        var failure = Failure(of: error, in: stage)
        if let body = request?.body, body.plan == nil || !body.wantsPlainWording, stage.isWorkOfAssistant {
            let model = self.maker.model
            failure.model = "\(model.name)@\(model.revision)/\(model.weights)"
        }
        return failure
    }

    /// What came of a request on the path.
    enum Outcome: Sendable {
        case answered(RecordedAnswer)
        /// It had been answered before.
        case repeated(RecordedAnswer)
        /// It must not be tried beside others.
        case suspect
        /// It has to come back later: its turn in the conversation is not up.
        case notYet
    }
}

extension Failure.Stage {
    fileprivate var isWorkOfAssistant: Bool { [.plan, .resolve, .compose, .check].contains(self) }
}
