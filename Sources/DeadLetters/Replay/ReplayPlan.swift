public import Foundation
import Postgres
public import TellerMessages

/// A frozen set of dead letters, and how it is to be sent again.
public struct ReplayPlan: Sendable {
    public let id: UUID
    public let name: String
    public let state: ReplayState
    public let selection: JSONValue
    public let options: ReplayOptions
    public let reason: String
    /// How many dead letters fitted when it was made; those beyond ``total`` were in another plan, done with, or over the limit.
    public let selected: Int
    public let total: Int
    /// Why it stopped, where it did.
    public let stopReason: String?
    public let createdBy: String
    public let createdAt: Date
    public let startedAt: Date?
    public let stoppedAt: Date?

    static let columns: PostgresQuery = """
        plan_id, name, state, selection, options, reason, selected, total, stop_reason, created_by, created_at, started_at, stopped_at
        """

    init(_ row: PostgresRow) throws {
        self.id = try row.decode("plan_id")
        self.name = try row.decode("name")
        self.state = try row.decode("state")
        self.selection = try JSONValue(parsing: Array(try row.decode("selection", as: PostgresJSON.self).text.utf8))
        self.options = ReplayOptions(try JSONValue(parsing: Array(try row.decode("options", as: PostgresJSON.self).text.utf8)))
        self.reason = try row.decode("reason")
        self.selected = try row.decode("selected")
        self.total = try row.decode("total")
        self.stopReason = try row.decode("stop_reason")
        self.createdBy = try row.decode("created_by")
        self.createdAt = try row.decode("created_at")
        self.startedAt = try row.decode("started_at")
        self.stoppedAt = try row.decode("stopped_at")
    }

    public var json: JSONValue {
        var object: JSONObject = [
            "plan_id": .string(self.id.uuidString.lowercased()), "name": .string(self.name), "state": .string(self.state.rawValue),
            "reason": .string(self.reason), "selection": self.selection, "options": self.options.json,
            "selected": .integer(self.selected), "messages": .integer(self.total),
        ]
        object["stop_reason"] = self.stopReason.map { .string($0) }
        object["created_by"] = .string(self.createdBy)
        object["created_at"] = .string(self.createdAt.rfc3339)
        object["started_at"] = self.startedAt.map { .string($0.rfc3339) }
        object["stopped_at"] = self.stoppedAt.map { .string($0.rfc3339) }
        return .object(object)
    }
}
