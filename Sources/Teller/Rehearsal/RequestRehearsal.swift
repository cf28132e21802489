import AMQP
import EventLoops
import Foundation
public import Ledger
public import Postgres
public import TellerMessages
import Transformer

/// The path of a request with publishing and recording off: decode → authenticate → plan → resolve → compose → check.
///
/// It holds no connection to a broker, and takes no database client whose sessions could write. What a worker would decide, it
/// decides by the same functions; only the request's deadline, which has passed, does not count.
public struct RequestRehearsal: Sendable {
    /// How long the database honours a ticket, in seconds.
    private static let ticketLifetime: TimeInterval = 600
    /// How often a request is tried again when another transaction or the engine was in its way.
    private static let repeats = 3

    private let maker: AnswerMaker
    private let ticketKey: TicketKey
    private let authenticator: (any Authenticator)?

    /// Loads the model, and looks whether the database's sessions are fit for it.
    ///
    /// - Parameters:
    ///   - postgres: A client of the worker's role, whom row security binds, and whose sessions are read-only.
    ///   - ticketKey: The key that the database checks customers' tickets with.
    ///   - verifier: A worker's settings, to check the tokens of messages that no worker ever read. Without them, and where
    ///     workers believe the broker, such messages are not rehearsed.
    public init(
        model: TellerConfiguration.ModelSettings, postgres: PostgresClient, ticketKey: TicketKey,
        verifyingAs verifier: TellerConfiguration? = nil
    ) async throws {
        let ledger = LedgerStore(client: postgres)
        try await ledger.checkRole()
        for row in try await postgres.query("SELECT current_setting('transaction_read_only')::boolean AS is_read_only") {
            guard try row.decode("is_read_only") else { throw RehearsalError.writable }
        }
        self.maker = try AnswerMaker(engine: InferenceEngine(model), ledger: ledger)
        self.ticketKey = ticketKey
        self.authenticator =
            if let verifier, verifier.authentication == .jwt { try await TellerService.authenticator(verifier) } else { nil }
    }

    /// The model that answers.
    public var model: ChatAnswer.Model { self.maker.model }

    /// The answer that a worker would give; a failed, refused or expired one says why in its problem.
    ///
    /// - Throws: ``RehearsalError``, or the error of a server that is away.
    public func answer(to rehearsed: RehearsedRequest) async throws -> ChatAnswer {
        let message = rehearsed.message
        var request: ChatRequest
        do {
            request = try ChatRequest(decoding: message)
        } catch {
            return ChatAnswer(Failure(of: error, in: .decode), to: nil, id: message.properties.messageID ?? "")
        }
        request.deadline = nil
        let customerID: String
        if let verified = rehearsed.customerID {
            guard request.body.customerID == verified else {
                return ChatAnswer(Failure(of: AuthenticationError(.otherCustomer), in: .authenticate), to: request, id: request.id)
            }
            customerID = verified
        } else if let authenticator {
            do {
                customerID = try await authenticator.customer(of: request, from: message).id
            } catch {
                return ChatAnswer(Failure(of: error, in: .authenticate), to: request, id: request.id)
            }
        } else {
            throw RehearsalError.unverified
        }
        return try await self.answer(to: request, from: customerID, rehearsed)
    }

    private func answer(
        to request: ChatRequest, from customerID: String, _ rehearsed: RehearsedRequest
    ) async throws -> ChatAnswer {
        var backoff = Backoff(base: .milliseconds(50), cap: .seconds(1))
        var repeats = 0
        while true {
            var progress = Progress()
            let customer = Customer(
                verified: customerID, request: request.id, expires: Date().addingTimeInterval(Self.ticketLifetime), key: self.ticketKey)
            do {
                return try await self.maker.answer(
                    to: request, from: customer, after: rehearsed.previousPlan, now: rehearsed.now, ledger: rehearsed.ledger, &progress)
            } catch {
                let failure = Failure(of: error, in: progress.stage)
                if failure.failureClass == .infrastructure { throw error }
                guard failure.failureClass == .transient, repeats < Self.repeats else {
                    return ChatAnswer(failure, to: request, id: request.id)
                }
                repeats += 1
                try await Task.sleep(for: backoff.next())
            }
        }
    }
}

/// Why a message cannot be rehearsed at all.
public enum RehearsalError: Error, Hashable, CustomStringConvertible {
    /// No worker ever proved whom it speaks for, and there are no settings to prove it with now.
    case unverified
    /// The database's sessions could write.
    case writable

    public var description: String {
        switch self {
        case .unverified:
            "no worker has verified its sender; set TELLER_JWKS_FILE and the other settings of a worker, so that its token can be checked"
        case .writable: "the database's sessions could write; a rehearsal takes only a client with isReadOnly set"
        }
    }
}
