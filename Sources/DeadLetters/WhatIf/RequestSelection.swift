public import Foundation
public import Postgres
public import TellerMessages

/// Which answered requests are meant: those for which every condition holds that is given.
public struct RequestSelection: Sendable, Hashable {
    public var ids: [String]?
    public var customerID: String?
    public var conversationID: String?
    /// When a worker first took them: from `since` on, and before `until`.
    public var since: Date?
    public var until: Date?

    public init() {}

    /// The conditions over `teller.requests AS r`, for a WHERE clause.
    public var condition: PostgresQuery {
        var conditions: [PostgresQuery] = []
        if let ids = self.ids { conditions.append("r.request_id = ANY (\(ids))") }
        if let customer = self.customerID { conditions.append("r.customer_id = \(customer)") }
        if let conversation = self.conversationID { conditions.append("r.conversation_id = \(conversation)") }
        if let since = self.since { conditions.append("r.received_at >= \(since)") }
        if let until = self.until { conditions.append("r.received_at < \(until)") }
        return conditions.reduce("r.state = 'settled'") { "\($0) AND \($1)" }
    }

    /// The selection as it is kept with what was done by it.
    public var json: JSONValue {
        var object = JSONObject()
        object["ids"] = self.ids.map { .array($0.map { .string($0) }) }
        object["customer_id"] = self.customerID.map { .string($0) }
        object["conversation_id"] = self.conversationID.map { .string($0) }
        object["since"] = self.since.map { .string($0.rfc3339) }
        object["until"] = self.until.map { .string($0.rfc3339) }
        return .object(object)
    }
}
