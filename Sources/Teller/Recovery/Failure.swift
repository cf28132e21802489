import AMQP
import Assistant
import Crypto
import Ledger
import Postgres
import TellerMessages
import Transformer

/// Why an attempt to answer failed, in terms of what to do about it. It holds no customer data.
struct Failure: Error, Sendable {
    /// The stages of the path from delivery to acknowledgement.
    enum Stage: String, Sendable, CaseIterable {
        case decode, authenticate, claim, plan, resolve, compose, check, record, publish, acknowledge
    }

    let failureClass: FailureClass
    let stage: Stage
    let problem: Problem
    /// What was the matter in a word or two that stay the same from one occurrence to the next: `postgres.40001`.
    let cause: String
    /// The model that had a part in it, `name@revision/weights`; `nil` when none ran.
    var model: String?
    /// What a worker that met it elsewhere says is its fingerprint.
    var reportedFingerprint: String?

    init(_ failureClass: FailureClass, _ stage: Stage, cause: String, problem: Problem) {
        self.failureClass = failureClass
        self.stage = stage
        self.cause = cause
        self.problem = problem
    }

    /// Groups failures that have the same cause in the same place, under one version of the contract and one model: 16
    /// hexadecimal digits.
    var fingerprint: String {
        if let reported = self.reportedFingerprint { return reported }
        let text = "\(ChatRequest.messageType)|\(self.stage.rawValue)|\(self.failureClass.rawValue)|\(self.cause)|\(self.model ?? "")"
        return SHA256.hash(data: Array(text.utf8)).prefix(8).hexadecimal
    }
}

extension Failure {
    static func poison(_ stage: Stage, cause: String, title: String, detail: String?) -> Failure {
        Failure(
            .poison, stage, cause: cause,
            problem: Problem(cause.replacing("_", with: "-").replacing(".", with: "-"), title: title, status: 400, detail: detail, failureClass: "poison"))
    }

    /// The id belongs to another request.
    static let idConflict = Failure.poison(
        .claim, cause: "id_conflict", title: "The request's id was used before, for another request.",
        detail: "Give each request an id of its own.")

    static func expired(_ stage: Stage) -> Failure {
        Failure(
            .expired, stage, cause: "deadline_passed",
            problem: Problem(
                "deadline-passed", title: "The request's deadline passed before it was answered.", status: 504,
                detail: "Ask again with a later deadline.", failureClass: "expired", isRetryable: true))
    }

    static func transient(_ stage: Stage, cause: String) -> Failure {
        Failure(
            .transient, stage, cause: cause,
            problem: Problem(
                "temporarily-unavailable", title: "The request could not be answered in several attempts.", status: 503,
                detail: "It is kept and can be replayed.", failureClass: "transient", isRetryable: true))
    }

    private static func infrastructure(_ stage: Stage, cause: String) -> Failure {
        Failure(
            .infrastructure, stage, cause: cause,
            problem: Problem(
                "unavailable", title: "A server that is needed is away.", status: 503, failureClass: "infrastructure",
                isRetryable: true))
    }

    private static func bug(_ stage: Stage, cause: String) -> Failure {
        Failure(
            .bug, stage, cause: cause,
            problem: Problem(
                "internal-error", title: "The request met a fault in Teller.", status: 500,
                detail: "It is kept and can be replayed.", failureClass: "bug", isRetryable: true))
    }

    /// Gives an error that a stage threw its class.
    init(of error: any Error, in stage: Stage) {
        switch error {
        case let failure as Failure: self = failure
        case let error as MalformedMessage:
            self = .poison(stage, cause: "malformed.\(error.code.rawValue)", title: "The message breaks the contract.", detail: error.description)
        case let error as AuthenticationError:
            self = Failure(
                .refused, stage, cause: "authentication.\(error.reason.rawValue)",
                problem: Problem(
                    "not-authorised", title: "The request does not prove who is asking.", status: 401, detail: error.description,
                    failureClass: "refused"))
        case let error as PostgresError: self = Self.of(error, stage)
        case let error as LedgerError where error.code == .noSuchCustomer:
            self = Failure(
                .refused, stage, cause: "no_such_customer",
                problem: Problem(
                    "no-such-customer", title: "The ledger has no such customer.", status: 404, detail: "Map the customer into ledger.customers.",
                    failureClass: "refused"))
        // What cannot be sent cannot be sent later either, and would be held for ever.
        case let error as AMQPError where error.code == .invalidArgument: self = .bug(stage, cause: "amqp.\(error.code)")
        case let error as AMQPError: self = .infrastructure(stage, cause: "amqp.\(error.code)")
        case let error as AssistantError: self = Self.of(error, stage)
        case let error as TransformerError: self = .transient(stage, cause: "transformer.\(error.code)")
        case is CancellationError: self = .infrastructure(stage, cause: "cancelled")
        default: self = .bug(stage, cause: String(reflecting: type(of: error)))
        }
    }

    private static func of(_ error: PostgresError, _ stage: Stage) -> Failure {
        let cause = "postgres.\(error.sqlState ?? "\(error.kind)")"
        return switch error.kind {
        case .infrastructure: .infrastructure(stage, cause: cause)
        case .conflict, .timeout: .transient(stage, cause: cause)
        case .message:
            .poison(stage, cause: cause, title: "The database refuses a value of the request.", detail: nil)
        case .denied, .unknown: .bug(stage, cause: cause)
        }
    }

    private static func of(_ error: AssistantError, _ stage: Stage) -> Failure {
        switch error {
        case .unknownTool, .invalidArgument, .missingArgument:
            .poison(
                stage, cause: "invalid_plan", title: "The plan given with the request cannot be carried out.",
                detail: error.description)
        case .deadlineExceeded: .expired(stage)
        case .unsupportedModel: .bug(stage, cause: "assistant.\(error)")
        }
    }
}
