public import Foundation
import Postgres
public import TellerMessages

/// A dead letter without its body and credentials: what an operator sees.
public struct DeadLetterRecord: Sendable {
    public let id: UUID
    public let state: DeadLetterState
    public let discardReason: String?
    public let requestID: String?
    /// Only where it was verified.
    public let customerID: String?
    public let conversationID: String?
    public let failureClass: String
    public let fingerprint: String
    public let problem: JSONValue
    public let attempts: Int
    public let firstFailedAt: Date
    public let lastFailedAt: Date
    /// `worker` or `broker`.
    public let source: String
    public let brokerReason: String?
    public let schemaVersion: String?
    public let model: String?
    public let queue: String
    public let exchange: String
    public let routingKey: String
    public let properties: JSONValue
    public let outline: JSONValue?
    public let bodyBytes: Int
    /// Where it stands in a listing.
    public let cursor: DeadLetterCursor

    /// The columns that ``init(_:)`` reads.
    static let columns: PostgresQuery = """
        failure_id, state, discard_reason, request_id, customer_id, conversation_id, failure_class, fingerprint, problem, attempts,
        first_failed_at, last_failed_at, (extract(epoch FROM last_failed_at) * 1000000)::bigint AS last_failed_microseconds, source,
        broker_reason, schema_version, model, queue, exchange, routing_key, properties, outline, body_bytes
        """

    init(_ row: PostgresRow) throws {
        self.id = try row.decode("failure_id")
        self.state = try row.decode("state")
        self.discardReason = try row.decode("discard_reason")
        self.requestID = try row.decode("request_id")
        self.customerID = try row.decode("customer_id")
        self.conversationID = try row.decode("conversation_id")
        self.failureClass = try row.decode("failure_class")
        self.fingerprint = try row.decode("fingerprint")
        self.problem = try JSONValue(kept: try row.decode("problem"))
        self.attempts = try row.decode("attempts")
        self.firstFailedAt = try row.decode("first_failed_at")
        self.lastFailedAt = try row.decode("last_failed_at")
        self.source = try row.decode("source")
        self.brokerReason = try row.decode("broker_reason")
        self.schemaVersion = try row.decode("schema_version")
        self.model = try row.decode("model")
        self.queue = try row.decode("queue")
        self.exchange = try row.decode("exchange")
        self.routingKey = try row.decode("routing_key")
        self.properties = try JSONValue(kept: try row.decode("properties"))
        self.outline = try row.decode("outline", as: PostgresJSON?.self).map { try JSONValue(kept: $0) }
        self.bodyBytes = try row.decode("body_bytes")
        self.cursor = DeadLetterCursor(microseconds: try row.decode("last_failed_microseconds"), id: self.id)
    }

    public var json: JSONValue {
        var object: JSONObject = ["failure_id": .string(self.id.uuidString.lowercased()), "state": .string(self.state.rawValue)]
        object["discard_reason"] = self.discardReason.map { .string($0) }
        object["request_id"] = self.requestID.map { .string($0) }
        object["customer_id"] = self.customerID.map { .string($0) }
        object["conversation_id"] = self.conversationID.map { .string($0) }
        object["class"] = .string(self.failureClass)
        object["fingerprint"] = .string(self.fingerprint)
        object["problem"] = self.problem
        object["attempts"] = .integer(self.attempts)
        object["first_failed_at"] = .string(self.firstFailedAt.rfc3339)
        object["last_failed_at"] = .string(self.lastFailedAt.rfc3339)
        object["source"] = .string(self.source)
        object["broker_reason"] = self.brokerReason.map { .string($0) }
        object["schema_version"] = self.schemaVersion.map { .string($0) }
        object["model"] = self.model.map { .string($0) }
        object["queue"] = .string(self.queue)
        object["exchange"] = .string(self.exchange)
        object["routing_key"] = .string(self.routingKey)
        object["properties"] = self.properties
        object["body"] = self.outline
        object["body_bytes"] = .integer(self.bodyBytes)
        return .object(object)
    }
}

extension JSONValue {
    /// A document that the database keeps: headers nest deeper, and are longer, than a message's body may.
    init(kept json: PostgresJSON) throws(JSONSyntaxError) {
        try self.init(parsing: Array(json.text.utf8), maximumDepth: 512, maximumSize: 1 << 24)
    }
}
