public import Foundation
import Postgres
public import TellerMessages

/// Dead letters of one cause in one place: those with the same fingerprint.
public struct DeadLetterGroup: Sendable {
    public let fingerprint: String
    public let failureClass: String
    public let count: Int
    public let open: Int
    public let queues: [String]
    public let firstFailedAt: Date
    public let lastFailedAt: Date
    /// The latest of them, and why it failed.
    public let example: UUID
    public let problem: JSONValue

    init(_ row: PostgresRow) throws {
        self.fingerprint = try row.decode("fingerprint")
        self.failureClass = try row.decode("failure_class")
        self.count = try row.decode("letters")
        self.open = try row.decode("open_letters")
        self.queues = try row.decode("queues")
        self.firstFailedAt = try row.decode("first_failed_at")
        self.lastFailedAt = try row.decode("last_failed_at")
        self.example = try row.decode("failure_id")
        self.problem = try JSONValue(kept: try row.decode("problem"))
    }

    public var json: JSONValue {
        [
            "fingerprint": .string(self.fingerprint), "class": .string(self.failureClass), "count": .integer(self.count),
            "open": .integer(self.open), "queues": .array(self.queues.map { .string($0) }),
            "first_failed_at": .string(self.firstFailedAt.rfc3339), "last_failed_at": .string(self.lastFailedAt.rfc3339),
            "example": .string(self.example.uuidString.lowercased()), "problem": self.problem,
        ]
    }
}

extension DeadLetterArchive {
    /// The groups of a selection, the largest first.
    ///
    /// Counted in two steps, first into cells of which there are few, so that a million dead letters need no sorting.
    public func groups(_ selection: DeadLetterSelection, limit: Int = 50) async throws -> [DeadLetterGroup] {
        try await self.database.query(
            """
            WITH cells AS (
                SELECT fingerprint, failure_class, state, queue, count(*) AS letters, min(first_failed_at) AS first_failed_at,
                    max(last_failed_at) AS last_failed_at
                FROM teller.failures WHERE \(selection.condition) GROUP BY fingerprint, failure_class, state, queue
            ), groups AS (
                SELECT fingerprint, min(failure_class) AS failure_class, sum(letters)::bigint AS letters,
                    coalesce(sum(letters) FILTER (WHERE state = 'open'), 0)::bigint AS open_letters,
                    array_agg(DISTINCT queue) AS queues, min(first_failed_at) AS first_failed_at, max(last_failed_at) AS last_failed_at
                FROM cells GROUP BY fingerprint ORDER BY letters DESC, fingerprint LIMIT \(limit)
            )
            SELECT groups.*, latest.failure_id, latest.problem FROM groups CROSS JOIN LATERAL (
                SELECT failure_id, problem FROM teller.failures f WHERE f.fingerprint = groups.fingerprint
                ORDER BY f.last_failed_at DESC, f.failure_id DESC LIMIT 1
            ) AS latest
            ORDER BY letters DESC, fingerprint
            """
        ).map(DeadLetterGroup.init)
    }
}
