public import Foundation
public import Postgres
public import TellerMessages

/// Reads the dead letters that workers kept, as `teller_operator`: everything about them but the customer's words.
public struct DeadLetterArchive: Sendable {
    private let postgres: PostgresClient

    public init(postgres: PostgresClient) {
        self.postgres = postgres
    }

    /// What narrows a listing.
    public struct Filter: Sendable {
        public var failureClass: String?
        public var fingerprint: String?
        public var queue: String?
        public var since: Date?
        public var limit = 50

        public init() {}
    }

    /// Dead letters that fit the filter, the latest first.
    public func list(_ filter: Filter) async throws -> [DeadLetterRecord] {
        try await self.asOperator(
            """
            SELECT failure_id, request_id, failure_class, fingerprint, problem, attempts, first_failed_at, last_failed_at, queue,
                exchange, routing_key, properties
            FROM teller.failures
            WHERE failure_class = coalesce(\(filter.failureClass), failure_class)
                AND fingerprint = coalesce(\(filter.fingerprint), fingerprint) AND queue = coalesce(\(filter.queue), queue)
                AND last_failed_at >= coalesce(\(filter.since), '-infinity')
            ORDER BY last_failed_at DESC, failure_id LIMIT \(filter.limit)
            """)
    }

    /// The dead letter with this id, or those of the request with it.
    public func show(_ id: String) async throws -> [DeadLetterRecord] {
        try await self.asOperator(
            """
            SELECT failure_id, request_id, failure_class, fingerprint, problem, attempts, first_failed_at, last_failed_at, queue,
                exchange, routing_key, properties
            FROM teller.failures WHERE failure_id = \(UUID(uuidString: id)) OR request_id = \(id)
            ORDER BY last_failed_at DESC, failure_id
            """)
    }

    private func asOperator(_ query: PostgresQuery) async throws -> [DeadLetterRecord] {
        let results = try await self.postgres.transaction(["SET LOCAL ROLE teller_operator", query])
        return try (results.last ?? []).map(DeadLetterRecord.init)
    }
}

/// A dead letter, without its body.
public struct DeadLetterRecord: Sendable {
    public let id: UUID
    public let requestID: String?
    public let failureClass: String
    public let fingerprint: String
    public let problem: JSONValue
    public let attempts: Int
    public let firstFailedAt: Date
    public let lastFailedAt: Date
    public let queue: String
    public let exchange: String
    public let routingKey: String
    public let properties: JSONValue

    init(_ row: PostgresRow) throws {
        self.id = try row.decode("failure_id")
        self.requestID = try row.decode("request_id")
        self.failureClass = try row.decode("failure_class")
        self.fingerprint = try row.decode("fingerprint")
        self.problem = try JSONValue(parsing: Array(try row.decode("problem", as: PostgresJSON.self).text.utf8))
        self.attempts = try row.decode("attempts")
        self.firstFailedAt = try row.decode("first_failed_at")
        self.lastFailedAt = try row.decode("last_failed_at")
        self.queue = try row.decode("queue")
        self.exchange = try row.decode("exchange")
        self.routingKey = try row.decode("routing_key")
        self.properties = try JSONValue(
            parsing: Array(try row.decode("properties", as: PostgresJSON.self).text.utf8), maximumDepth: 100, maximumSize: 1 << 22)
    }

    public var json: JSONValue {
        var object: JSONObject = ["failure_id": .string(self.id.uuidString.lowercased())]
        object["request_id"] = self.requestID.map { .string($0) }
        object["class"] = .string(self.failureClass)
        object["fingerprint"] = .string(self.fingerprint)
        object["problem"] = self.problem
        object["attempts"] = .integer(self.attempts)
        object["first_failed_at"] = .string(self.firstFailedAt.rfc3339)
        object["last_failed_at"] = .string(self.lastFailedAt.rfc3339)
        object["queue"] = .string(self.queue)
        object["exchange"] = .string(self.exchange)
        object["routing_key"] = .string(self.routingKey)
        object["properties"] = self.properties
        return .object(object)
    }
}
