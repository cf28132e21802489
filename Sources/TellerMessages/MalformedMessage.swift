/// A message that breaks the contract: which rule, and where.
///
/// It carries no value of the message, so that it can be logged and stored.
public struct MalformedMessage: Error, Hashable, CustomStringConvertible {
    /// What is broken, as a short name that stays the same: `json`, `schema`, `property`, `too_large`.
    public enum Code: String, Sendable {
        case json
        case schema
        case property
        case tooLarge = "too_large"
    }

    public let code: Code
    /// Where: the name of a property, header or member such as `message_id` or `/plan/tool`.
    public let place: String
    /// The rule, as a clause that follows the place: `must be at most 128 visible ASCII characters`.
    public let rule: String

    public init(_ code: Code, _ place: String, _ rule: String) {
        self.code = code
        self.place = place
        self.rule = rule
    }

    public var description: String { "\(self.place) \(self.rule)" }
}
