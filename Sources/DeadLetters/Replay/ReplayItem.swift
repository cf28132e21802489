public import Foundation
import Postgres
public import TellerMessages

/// One message of a plan.
public struct ReplayItem: Sendable {
    /// Its place in the order of sending, from 1.
    public let position: Int
    public let failureID: UUID
    public let requestID: String?
    public let conversationID: String?
    public let failedAt: Date
    public let deadline: Date?
    /// What would happen to it, when the plan was made: see ``ReplayPreview``.
    public let outlook: String
    /// `pending`, `sending`, `sent`, `settled`, `failed` or `skipped`.
    public let state: String
    /// What came of it: an answer's status, or why it was not sent.
    public let outcome: String?
    /// The number of the edit that is sent in the original's place.
    public let edit: Int?
    public let answerID: UUID?
    public let sentAt: Date?
    public let settledAt: Date?

    static let columns: PostgresQuery = """
        position, failure_id, request_id, conversation_id, failed_at, deadline, outlook, state, outcome, edit, answer_id, sent_at, settled_at
        """

    init(_ row: PostgresRow) throws {
        self.position = try row.decode("position")
        self.failureID = try row.decode("failure_id")
        self.requestID = try row.decode("request_id")
        self.conversationID = try row.decode("conversation_id")
        self.failedAt = try row.decode("failed_at")
        self.deadline = try row.decode("deadline")
        self.outlook = try row.decode("outlook")
        self.state = try row.decode("state")
        self.outcome = try row.decode("outcome")
        self.edit = try row.decode("edit")
        self.answerID = try row.decode("answer_id")
        self.sentAt = try row.decode("sent_at")
        self.settledAt = try row.decode("settled_at")
    }

    public var json: JSONValue {
        var object: JSONObject = ["position": .integer(self.position), "failure_id": .string(self.failureID.uuidString.lowercased())]
        object["request_id"] = self.requestID.map { .string($0) }
        object["conversation_id"] = self.conversationID.map { .string($0) }
        object["failed_at"] = .string(self.failedAt.rfc3339)
        object["deadline"] = self.deadline.map { .string($0.rfc3339) }
        object["outlook"] = .string(self.outlook)
        object["state"] = .string(self.state)
        object["outcome"] = self.outcome.map { .string($0) }
        object["edit"] = self.edit.map { .integer($0) }
        object["answer_id"] = self.answerID.map { .string($0.uuidString.lowercased()) }
        object["sent_at"] = self.sentAt.map { .string($0.rfc3339) }
        object["settled_at"] = self.settledAt.map { .string($0.rfc3339) }
        return .object(object)
    }
}
