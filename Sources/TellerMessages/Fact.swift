public import Foundation

/// One figure or text that an answer may state, with where it came from.
public struct Fact: Sendable, Hashable {
    /// What it is, such as `balance` or `amount_1`.
    public var name: String
    /// The value for a machine: a plain decimal, an ISO 8601 date, or text.
    public var value: String
    /// What the value counts: an ISO 4217 currency, or a word such as `transactions`.
    public var unit: String?
    /// The rows, calculation or article it came from.
    public var source: String
    /// The instant at which it was true.
    public var asOf: Date

    public init(name: String, value: String, unit: String? = nil, source: String, asOf: Date) {
        self.name = name
        self.value = value
        self.unit = unit
        self.source = source
        self.asOf = asOf
    }

    public var json: JSONValue {
        var object: JSONObject = ["name": .string(self.name), "value": .string(self.value)]
        object["unit"] = self.unit.map { .string($0) }
        object["source"] = .string(self.source)
        object["as_of"] = .string(self.asOf.rfc3339)
        return .object(object)
    }
}
