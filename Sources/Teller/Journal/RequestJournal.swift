import EventLoops
import Foundation
import Ledger
import Postgres
import TellerMessages

/// The worker's memory of requests, attempts and answers, in the schema `teller`.
///
/// Each call is one transaction and one round trip, bound to the customer by the ticket.
struct RequestJournal: Sendable {
    /// How long a claim holds before another worker may count its holder as gone, in seconds.
    static let leaseSeconds = 60.0
    /// After this many attempts that nobody ended, a request is quarantined.
    static let crashLimit = 3

    let postgres: PostgresClient
    /// This process; a new one each start.
    let worker: UUID

    /// Starts an attempt, or says why not.
    ///
    /// - Parameters:
    ///   - message: The request's body, as it came.
    ///   - replay: The plan that the message says sent it.
    ///   - tokenDigest: The hash of the body that the customer's token was issued for, where that is another one.
    ///   - acceptsNew: Whether a request that was never seen may be begun.
    ///   - redelivered: Whether the broker delivered the message before.
    ///   - alone: Whether this worker is at nothing else.
    func claim(
        _ request: ChatRequest, message: [UInt8], replay: ReplayMark?, tokenDigest: String?, as customer: Customer,
        acceptsNew: Bool, redelivered: Bool, alone: Bool
    ) async throws -> Claim {
        let results = try await self.repeatingConflicts {
            try await self.postgres.transaction([
                customer.login,
                """
                SELECT outcome, attempt, failures, first_claim, answer_id, version, status, body, previous_plan
                FROM teller.claim(\(request.id), \(request.body.conversationID), \(message), \(acceptsNew), \(redelivered),
                    \(alone), \(self.worker),
                    make_interval(secs => \(Self.leaseSeconds)), \(Int32(Self.crashLimit)),
                    \(replay?.plan), decode(\(tokenDigest), 'hex'))
                """,
            ])
        }
        guard let row = results.last?.first else { throw JournalError.noRow }
        return try Self.claim(row, request.id)
    }

    private static func claim(_ row: PostgresRow, _ requestID: String) throws -> Claim {
        switch try row.decode("outcome", as: String.self) {
        case "started": .started(try self.attempt(row, requestID))
        case "quarantined": .quarantined(try self.attempt(row, requestID))
        case "settled": .settled(try self.answer(row))
        case "waiting": .waiting
        case "suspect": .suspect
        case "conflict": .conflict
        case "unknown": .unknown
        case "other_body": .otherBody
        default: throw JournalError.noRow
        }
    }

    private static func attempt(_ row: PostgresRow, _ requestID: String) throws -> Attempt {
        let plan = try row.decode("previous_plan", as: PostgresJSON?.self)
        let earlierVersion = try row.decode("version", as: Int?.self) ?? 0
        return Attempt(
            requestID: requestID, fence: try row.decode("attempt"), failures: try row.decode("failures"),
            firstClaim: try row.decode("first_claim"), version: earlierVersion + 1,
            previousPlan: plan.flatMap { ToolCall(storedAs: $0.text) })
    }

    private static func answer(_ row: PostgresRow) throws -> RecordedAnswer {
        guard let status = ChatAnswer.Status(rawValue: try row.decode("status")) else { throw JournalError.noRow }
        return RecordedAnswer(
            id: try row.decode("answer_id"), version: try row.decode("version"), status: status, body: try row.decode("body"))
    }

    /// Settles the request with its answer, in the version that is the attempt's: inbox, answer, turn, audit entry and outbox in
    /// one transaction, and the dead letter when it was given up.
    ///
    /// - Throws: ``JournalError/overtaken`` when the attempt is no longer this worker's.
    func record(
        _ answer: ChatAnswer, by attempt: Attempt, as customer: Customer, burying letter: DeadLetter? = nil
    ) async throws -> RecordedAnswer {
        var answer = answer
        answer.version = attempt.version
        answer.supersedes = attempt.supersedes
        let recorded = RecordedAnswer(answer)
        let plan = answer.plan.map { PostgresJSON($0.json.text) }
        let detail = PostgresJSON(answer.auditDetail.text)
        var statements: [PostgresQuery] = [
            customer.login,
            """
            SELECT teller.record(\(attempt.requestID), \(Int32(attempt.fence)), \(self.worker), \(recorded.id),
                \(Int32(recorded.version)), \(recorded.status.rawValue), \(recorded.body), \(answer.language), \(plan), \(detail))
            """,
        ]
        if let letter { statements.append(letter.burial) }
        do {
            _ = try await self.repeatingConflicts { [statements] in try await self.postgres.transaction(statements) }
        } catch let error as PostgresError where error.sqlState == "TL001" {
            throw JournalError.overtaken
        }
        return recorded
    }

    /// Ends an attempt without an answer: with a failure, which counts, or without one, which does not.
    func release(_ attempt: Attempt, after failure: Failure?, retryIn seconds: Int, as customer: Customer) async throws {
        _ = try await self.repeatingConflicts {
            try await self.postgres.transaction([
                customer.login,
                """
                SELECT teller.release(\(attempt.requestID), \(Int32(attempt.fence)), \(self.worker),
                    \(failure?.failureClass.rawValue), \(failure?.fingerprint), make_interval(secs => \(Double(seconds))))
                """,
            ])
        }
    }

    /// Says that an attempt that was overtaken did not crash.
    func reportSurvival(of requestID: String) async throws {
        _ = try await self.postgres.query("SELECT teller.survived(\(requestID))")
    }

    /// Notes that the broker confirmed these answers.
    func markPublished(_ answers: [UUID]) async throws {
        _ = try await self.postgres.query("SELECT teller.published(\(answers))")
    }

    /// Keeps a dead letter of a message that no attempt was made for; the same one is kept once.
    func bury(_ letter: DeadLetter) async throws {
        _ = try await self.repeatingConflicts { try await self.postgres.query(letter.burial) }
    }

    /// Notes the end of a replayed message for which no attempt was made: nobody could read it, or say who asks.
    func endReplay(_ replay: ReplayMark, of message: [UInt8], _ status: ChatAnswer.Status, fingerprint: String) async throws {
        _ = try await self.repeatingConflicts {
            try await self.postgres.query(
                """
                SELECT teller.replay_ended(\(replay.plan), \(replay.failure), sha256(\(message)), \(status.rawValue), \(fingerprint))
                """)
        }
    }

    /// Whether a message from the queue of dead letters, under one of these ids, is no news.
    func isBuried(_ ids: [UUID], _ body: [UInt8], byBroker: Bool) async throws -> Bool {
        let rows = try await self.postgres.query("SELECT teller.is_buried(\(ids), \(body), \(byBroker)) AS is_buried")
        guard let row = rows.first else { throw JournalError.noRow }
        return try row.decode("is_buried")
    }

    /// Runs a transaction again when a concurrent one was in its way, at most five times: no work is lost by it.
    private func repeatingConflicts<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        var backoff = Backoff(base: .milliseconds(5), cap: .milliseconds(100))
        for _ in 0..<4 {
            do {
                return try await body()
            } catch let error as PostgresError where error.kind == .conflict {
                try await Task.sleep(for: backoff.next())
            }
        }
        return try await body()
    }
}

/// What can go wrong with the journal beside the database itself.
enum JournalError: Error {
    /// Another worker has begun a later attempt.
    case overtaken
    /// A function of the schema gave no row, or one that this program does not know.
    case noRow
}

extension DeadLetter {
    fileprivate var burial: PostgresQuery {
        let columns = self.message.columns
        let (source, reason): (String, String?) =
            switch self.source {
            case .worker: ("worker", nil)
            case .broker(let reason): ("broker", reason)
            }
        return """
            SELECT teller.bury(\(self.id), \(self.requestID), \(self.customerID), \(self.failure.failureClass.rawValue),
                \(self.failure.fingerprint), \(PostgresJSON(self.failure.problem.json.text)), \(Int32(self.attempts)),
                \(self.firstFailure), \(columns.queue), \(columns.exchange), \(columns.routingKey),
                \(PostgresJSON(columns.properties.text)), \(columns.body), \(PostgresJSON(columns.withheld.text)),
                \(self.conversationID), \(ChatRequest.messageType), \(self.failure.model), \(source), \(reason))
            """
    }
}

extension ToolCall {
    /// Reads a plan that the journal kept.
    init?(storedAs text: String) {
        guard let object = try? JSONValue(parsing: Array(text.utf8)).object, let tool = object["tool"]?.string else { return nil }
        self.init(tool: tool, arguments: object["arguments"]?.object ?? JSONObject())
    }
}

extension ChatAnswer {
    /// What compliance asks of an answer, without its words and figures: which rows, by which model.
    fileprivate var auditDetail: JSONValue {
        [
            "answer_id": .string(self.id.uuidString.lowercased()), "version": .integer(self.version),
            "status": .string(self.status.rawValue), "tool": self.plan.map { .string($0.tool) } ?? .null,
            "sources": .array(Set(self.facts.map(\.source)).sorted().map { .string($0) }),
            "model": self.model.map { .string("\($0.name)@\($0.revision)/\($0.weights)") } ?? .null,
        ]
    }
}
