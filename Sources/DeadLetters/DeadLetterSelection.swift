public import Foundation
public import Postgres
public import TellerMessages

/// Which dead letters are meant: those for which every condition holds that is given.
public struct DeadLetterSelection: Sendable, Hashable {
    /// A header with this text, number or truth value, in the outermost table.
    public struct Header: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The documents of a dead letter that a condition in SQL/JSON path may look at.
    public enum Document: String, Sendable, CaseIterable {
        /// Why it failed (RFC 9457).
        case problem
        /// The message's properties and headers, as ``StoredMessage`` writes them.
        case properties
        /// The body's ids, without the customer's words.
        case body
    }

    /// The ids of failures; `nil` for any.
    public var ids: [UUID]?
    public var requestID: String?
    /// Any state when empty.
    public var states: Set<DeadLetterState> = [.open]
    public var failureClass: String?
    public var fingerprint: String?
    public var queue: String?
    /// The customer, where it was verified.
    public var customerID: String?
    public var conversationID: String?
    /// When they failed last: from `since` on, and before `until`.
    public var since: Date?
    public var until: Date?
    public var headers: [Header] = []
    /// A predicate in SQL/JSON path for each document, such as `$.status == 400`.
    public var paths: [Document: String] = [:]

    public init() {}

    /// The conditions over the columns of `teller.failures`, for a WHERE clause.
    public var condition: PostgresQuery {
        var conditions: [PostgresQuery] = []
        if let ids = self.ids { conditions.append("failure_id = ANY (\(ids))") }
        if let id = self.requestID { conditions.append("request_id = \(id)") }
        if let state = self.states.first, self.states.count == 1 {
            conditions.append("state = \(state)")
        } else if !self.states.isEmpty {
            conditions.append("state = ANY (\(self.states.map(\.rawValue).sorted()))")
        }
        if let failureClass = self.failureClass { conditions.append("failure_class = \(failureClass)") }
        if let fingerprint = self.fingerprint { conditions.append("fingerprint = \(fingerprint)") }
        if let queue = self.queue { conditions.append("queue = \(queue)") }
        if let customer = self.customerID { conditions.append("customer_id = \(customer)") }
        if let conversation = self.conversationID { conditions.append("conversation_id = \(conversation)") }
        if let since = self.since { conditions.append("last_failed_at >= \(since)") }
        if let until = self.until { conditions.append("last_failed_at < \(until)") }
        conditions += self.headers.map(\.condition)
        for (document, path) in self.paths.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            conditions.append("\(identifier: document.column) @@ \(path)::text::jsonpath")
        }
        return conditions.reduce("true") { "\($0) AND \($1)" }
    }

    /// The selection as it is kept with what was done by it.
    public var json: JSONValue {
        var object = JSONObject()
        object["ids"] = self.ids.map { .array($0.map { .string($0.uuidString.lowercased()) }) }
        object["states"] = .array(self.states.map(\.rawValue).sorted().map { .string($0) })
        let texts = [
            ("request_id", self.requestID), ("class", self.failureClass), ("fingerprint", self.fingerprint), ("queue", self.queue),
            ("customer_id", self.customerID), ("conversation_id", self.conversationID), ("since", self.since?.rfc3339),
            ("until", self.until?.rfc3339),
        ]
        for (name, text) in texts { object[name] = text.map { .string($0) } }
        if !self.headers.isEmpty {
            object["headers"] = .array(self.headers.map { ["name": .string($0.name), "value": .string($0.value)] })
        }
        for document in Document.allCases { object[document.rawValue] = self.paths[document].map { .string($0) } }
        return .object(object)
    }
}

extension DeadLetterSelection.Document {
    fileprivate var column: String { self == .body ? "outline" : self.rawValue }
}

extension DeadLetterSelection.Header {
    /// The value may be kept as any type that is written like it.
    fileprivate var condition: PostgresQuery {
        var forms: [JSONValue] = [.string(self.value)]
        if Int64(self.value) != nil {
            forms += ["int64", "int32", "int16", "int8", "uint32", "uint16", "uint8", "timestamp"].map { type in
                .object([type: .number(self.value)])
            }
        }
        if let truth = Bool(self.value) { forms.append(.bool(truth)) }
        let alternatives = forms.map { form -> PostgresQuery in
            let document: JSONValue = ["headers": [["name": .string(self.name), "value": form]]]
            return "properties @> \(PostgresJSON(document.text))"
        }
        return "(\(alternatives.dropFirst().reduce(alternatives[0]) { "\($0) OR \($1)" }))"
    }
}
