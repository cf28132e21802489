import AMQP
import EventLoops
import Foundation
import Ledger
import Logging
import Metrics
import TellerMessages

/// Takes a message out of the queue of dead letters once the database holds it.
///
/// A worker's copy is known there as a rule, and is only acknowledged: its worker has answered the request, too. What the broker itself
/// gave up is new: it is recorded, and its requester, who has had no answer, gets one that says so, in the same way and with the same
/// guarantees as any other. All of it can be repeated: a message stays unacknowledged until everything is done, whichever server is
/// away.
struct DeadLetterIngester: Sendable {
    /// What became of a message.
    enum Outcome: String, Sendable, CaseIterable {
        /// The database held it.
        case known
        /// The database holds it now.
        case kept
        /// It is in the queue again: another worker is at its request, or something is wrong with it.
        case returned
    }

    /// How long the database honours a ticket for one settlement, in seconds.
    private static let ticketLifetime: TimeInterval = 60
    /// After this many failures that no server's absence explains, a message lets others pass.
    private static let patience = 5

    let authenticator: any Authenticator
    let ticketKey: TicketKey
    let journal: RequestJournal
    let settlement: FailureSettlement
    let logger: Logger

    func ingest(_ delivery: AMQPDelivery) async -> Outcome {
        let outcome = await self.settle(delivery)
        Counter(label: "teller_dead_letters_ingested", dimensions: [("outcome", outcome.rawValue)]).increment()
        return outcome
    }

    private func settle(_ delivery: AMQPDelivery) async -> Outcome {
        let dead = DeadDelivery(delivery)
        var backoff = Backoff()
        var failures = 0
        var progress = Progress()
        while failures < Self.patience, !Task.isCancelled {
            do {
                return try await self.advance(delivery, dead, &progress)
            } catch {
                // The broker has the message again, and will deliver it again.
                if progress.stage == .acknowledge { return .returned }
                let failure = Failure(of: error, in: progress.stage)
                if failure.failureClass != .infrastructure { failures += 1 }
                self.logger.warning(
                    "A dead letter could not be taken in yet",
                    metadata: ["failure.id": "\(dead.ids[0])", "failure.stage": "\(failure.stage.rawValue)", "failure.cause": "\(failure.cause)"])
                try? await Task.sleep(for: backoff.next())
            }
        }
        return await self.giveBack(delivery)
    }

    private func advance(_ delivery: AMQPDelivery, _ dead: DeadDelivery, _ progress: inout Progress) async throws -> Outcome {
        let isKnown = try await progress.run(.claim) {
            try await self.journal.isBuried(dead.ids, delivery.body, byBroker: dead.isTheBrokers)
        }
        if isKnown {
            try await progress.run(.acknowledge) { try await delivery.acknowledge() }
            return .known
        }
        let request = try? ChatRequest(decoding: dead.message.message)
        guard dead.isTheBrokers else {
            let letter = self.letter(of: dead, request, progress)
            try await progress.run(.record) { try await self.journal.bury(letter) }
            try await progress.run(.acknowledge) { try await delivery.acknowledge() }
            return .kept
        }
        var failure = dead.failure
        switch try await self.claim(request, delivery, dead, &progress) {
        case .started(let attempt)?, .quarantined(let attempt)?: progress.attempt = attempt
        case .waiting?, .suspect?:
            // Somebody is at the request, or at the turn before it. Their end decides what there is to answer.
            try? await Task.sleep(for: .seconds(1))
            return await self.giveBack(delivery)
        case .settled(let answer)?:
            let letter = self.letter(of: dead, request, progress)
            try await progress.run(.record) { try await self.journal.bury(letter) }
            return try await self.send(answer, request, delivery, &progress)
        case .conflict?: failure = .idConflict
        case .unknown?, .otherBody?, nil: break
        }
        let letter = self.letter(of: dead, request, progress)
        let answer = try await self.settlement.record(delivery, request, failure, letter, &progress)
        return try await self.send(answer, request, delivery, &progress)
    }

    /// Claims the request, so that the answer that it gets now is the only one; `nil` where nobody proves to be asking.
    ///
    /// A token that has expired meanwhile still proves it: all that is answered is that there is no answer.
    private func claim(
        _ request: ChatRequest?, _ delivery: AMQPDelivery, _ dead: DeadDelivery, _ progress: inout Progress
    ) async throws -> Claim? {
        guard let request, progress.recordedFailure == nil else { return nil }
        let verified: VerifiedCustomer
        do {
            verified = try await self.authenticator.customer(of: request, from: delivery.message)
        } catch {
            return nil
        }
        let customer = Customer(
            verified: verified.id, request: request.id, expires: Date().addingTimeInterval(Self.ticketLifetime), key: self.ticketKey)
        progress.customer = customer
        return try await progress.run(.claim) {
            try await self.journal.claim(
                request, message: delivery.body, replay: ReplayMark(delivery.properties.headers), tokenDigest: verified.otherBody,
                as: customer, acceptsNew: true, redelivered: false, alone: true)
        }
    }

    private func letter(of dead: DeadDelivery, _ request: ChatRequest?, _ progress: Progress) -> DeadLetter {
        DeadLetter(
            dead.message, request: request, customerID: progress.customer?.id, failure: dead.failure, attempts: dead.attempts,
            firstFailure: Date(), source: dead.source)
    }

    private func send(
        _ answer: RecordedAnswer, _ request: ChatRequest?, _ delivery: AMQPDelivery, _ progress: inout Progress
    ) async throws -> Outcome {
        try await self.settlement.send(answer, to: FailureSettlement.recipient(of: delivery, request), delivery, &progress)
        return .kept
    }

    private func giveBack(_ delivery: AMQPDelivery) async -> Outcome {
        try? await delivery.nack(requeue: true)
        return .returned
    }
}
