import AMQP
import Assistant
import Crypto
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
    let assistant: ChatAssistant
    let answers: AnswerPublisher
    let model: ChatAnswer.Model

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
                request, bodyDigest: Array(SHA256.hash(data: delivery.body)), as: customer, acceptsNew: !verified.hasExpired,
                redelivered: delivery.redelivered, alone: alone)
        }
        switch claim {
        case .settled(let answer): return .repeated(answer)
        case .waiting: return .notYet
        case .suspect: return .suspect
        case .unknown: throw AuthenticationError(.expired)
        case .conflict:
            throw Failure.poison(
                .claim, cause: "id_conflict", title: "The request's id was used before, for another request.",
                detail: "Give each request an id of its own.")
        case .quarantined(let attempt):
            progress.attempt = attempt
            throw Failure.poison(
                .claim, cause: "crash_loop", title: "The request was begun several times and its worker vanished each time.",
                detail: "It is kept, and is not tried again.")
        case .started(let attempt): progress.attempt = attempt
        }
        FaultPoint.reach(.claimed, request)

        let answer: ChatAnswer
        if let made = progress.answer { answer = made } else { answer = try await self.make(request, customer, &progress) }
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

    /// Plans, resolves, composes and checks.
    private func make(
        _ request: ChatRequest, _ customer: Customer, _ progress: inout Progress
    ) async throws -> ChatAnswer {
        let now = Date()
        if let deadline = request.deadline, deadline <= now { throw Failure.expired(.claim) }
        let inquiry = Inquiry(
            question: request.body.question, language: request.language, previousPlan: progress.attempt?.previousPlan,
            givenPlan: request.body.plan, plainWording: request.body.wantsPlainWording, accountID: request.body.accountID, now: now,
            deadline: request.deadline.map { .now + .seconds($0.timeIntervalSince(now)) },
            // Ids hold no spaces.
            owner: "\(customer.id) \(request.body.conversationID)")

        let plan = try await progress.run(.plan) { try await self.assistant.plan(inquiry) }
        let findings = try await progress.run(.resolve) {
            try await self.assistant.resolve(plan, for: inquiry, as: customer)
        }
        let draft = try await progress.run(.compose) { try await self.assistant.compose(findings, for: inquiry) }
        let answer = try await progress.run(.check) { self.assistant.check(draft, against: findings, for: inquiry) }
        return ChatAnswer(answer, to: request, by: self.model, timing: progress.milliseconds)
    }

    /// Publishes a recorded answer, waits for the broker's confirm, and acknowledges the delivery.
    func send(
        _ answer: RecordedAnswer, to recipient: Recipient, _ delivery: AMQPDelivery, _ progress: inout Progress
    ) async throws {
        try await progress.run(.publish) { try await self.answers.publish(answer, to: recipient) }
        FaultPoint.reach(.published, nil)
        try await progress.run(.acknowledge) { try await delivery.acknowledge() }
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

extension ChatRequest {
    /// The language to answer in.
    var language: Language { Language(locale: self.body.locale, question: self.body.question) }
}

extension ChatAnswer {
    init(_ answer: Answer, to request: ChatRequest, by model: Model, timing: [(stage: String, milliseconds: Int)]) {
        self.init(
            requestID: request.id, conversationID: request.body.conversationID, status: .answered,
            language: answer.language.rawValue, text: answer.text)
        self.plan = answer.plan
        self.facts = answer.facts
        self.disclosures = answer.disclosures
        self.model = model
        self.usage = answer.usage
        self.timing = timing
    }
}
