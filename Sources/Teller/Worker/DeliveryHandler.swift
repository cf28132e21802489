import AMQP
import Assistant
import EventLoops
import Foundation
import Ledger
import Logging
import TellerMessages

/// Brings one delivery to its end: an answer, a retry or a dead letter, and then the acknowledgement.
///
/// The path and its settlement throw; this is the only place where a failure is given its consequence.
struct DeliveryHandler: Sendable {
    let path: RequestPath
    let isolation: CrashIsolation
    let settlement: FailureSettlement
    let policy: RecoveryPolicy
    let instruments: WorkerInstruments
    let logger: Logger

    /// Returns when the delivery is settled, or is no longer this worker's to settle.
    func handle(_ delivery: AMQPDelivery, _ decoded: Result<ChatRequest, MalformedMessage>) async {
        let started = ContinuousClock.now
        var progress = Progress()
        var backoff = Backoff()
        self.instruments.taken()
        while true {
            do {
                let outcome = try await self.advance(delivery, decoded, &progress)
                return self.instruments.settled(delivery, outcome, progress, since: started)
            } catch {
                if progress.stage == .acknowledge { return self.instruments.lost(delivery) }
                if Task.isCancelled { return await self.giveBack(delivery, progress) }
                let failure = self.path.failure(of: error, in: progress.stage, try? decoded.get())
                self.log(failure, decoded)
                if failure.failureClass != .infrastructure, progress.failure == nil {
                    progress.failure = failure
                    progress.firstFailure = Date()
                } else {
                    // A server is away, or the settlement itself fails: either way the delivery stays unacknowledged meanwhile.
                    self.instruments.held(failure)
                    if failure.failureClass != .infrastructure { progress.failedSettlements += 1 }
                    try? await Task.sleep(for: backoff.next())
                }
            }
        }
    }

    private func advance(
        _ delivery: AMQPDelivery, _ decoded: Result<ChatRequest, MalformedMessage>, _ progress: inout Progress
    ) async throws -> WorkerInstruments.Outcome {
        do {
            if let failure = progress.failure {
                // The ticket may have grown old while a server was away.
                progress.customer = progress.customer.map { self.path.customer($0.id, for: $0.requestID) }
                return try await self.settlement.settle(delivery, try? decoded.get(), failure, &progress)
            }
            let request = try decoded.get()
            let recipient = Recipient(of: delivery, request)
            var outcome = try await self.isolation.shared {
                try await self.path.answer(request, delivery, alone: false, &progress)
            }
            if case .suspect = outcome {
                outcome = try await self.isolation.alone {
                    try await self.path.answer(request, delivery, alone: true, &progress)
                }
            }
            switch outcome {
            case .answered(let answer):
                try await self.path.send(answer, to: recipient, delivery, &progress)
                return .answered
            case .repeated(let answer):
                try await self.settlement.sendAgain(answer, to: recipient, delivery, &progress)
                return .repeated
            case .notYet, .suspect:
                try await self.settlement.comeBack(delivery, attempt: 0, in: .second, &progress)
                return .waited
            }
        } catch JournalError.overtaken {
            // Another worker has the request. This one did not crash, and its message comes back to find the answer.
            if let attempt = progress.attempt { try await self.path.journal.reportSurvival(of: attempt.requestID) }
            try await self.settlement.comeBack(delivery, attempt: 0, in: .second, &progress)
            return .overtaken
        }
    }

    /// Returns a request that there is no time left for to the queue, without counting it as tried.
    private func giveBack(_ delivery: AMQPDelivery, _ progress: Progress) async {
        // The task that runs this is cancelled, and what it does now must not be.
        let journal = self.path.journal
        await Task {
            if let attempt = progress.attempt, let customer = progress.customer {
                try? await journal.release(attempt, after: nil, retryIn: 0, as: customer)
            }
            try? await delivery.nack(requeue: true)
        }.value
        self.instruments.returned(delivery)
    }

    private func log(_ failure: Failure, _ decoded: Result<ChatRequest, MalformedMessage>) {
        self.logger.log(
            level: failure.failureClass == .bug ? .error : .info, "An attempt failed",
            metadata: [
                "failure.class": "\(failure.failureClass.rawValue)", "failure.stage": "\(failure.stage.rawValue)",
                "failure.cause": "\(failure.cause)", "failure.fingerprint": "\(failure.fingerprint)",
                "request.id": "\((try? decoded.get().id) ?? "unknown")",
            ])
    }
}

extension Recipient {
    init(of delivery: AMQPDelivery, _ request: ChatRequest) {
        self.init(
            requestID: request.id, correlationID: request.correlationID, replyTo: request.replyTo, trace: request.trace,
            routingKey: delivery.routingKey)
    }
}
