/// Why a request was not answered, as RFC 9457 (problem details) has it, without any customer data.
public struct Problem: Sendable, Hashable {
    /// A stable URI for the kind of problem, such as `https://teller.dev/problems/deadline-passed`.
    public var type: String
    /// The kind of problem in words; the same each time.
    public var title: String
    /// The HTTP status that a gateway would give.
    public var status: Int
    /// What is particular to this occurrence, and what would cure it.
    public var detail: String?
    /// The failure class of the worker: `poison`, `refused`, `expired`, `transient`, `bug`.
    public var failureClass: String
    /// Whether the same request, sent again later, may be answered.
    public var isRetryable: Bool
    /// Groups failures of the same cause, for operators.
    public var fingerprint: String?

    /// - Parameter name: The last part of the type's URI, such as `deadline-passed`.
    public init(
        _ name: String, title: String, status: Int, detail: String? = nil, failureClass: String, isRetryable: Bool = false
    ) {
        self.type = "https://teller.dev/problems/" + name
        self.title = title
        self.status = status
        self.detail = detail
        self.failureClass = failureClass
        self.isRetryable = isRetryable
    }

    public var json: JSONValue {
        var object: JSONObject = [
            "type": .string(self.type), "title": .string(self.title), "status": .integer(self.status),
        ]
        object["detail"] = self.detail.map { .string($0) }
        object["class"] = .string(self.failureClass)
        object["fingerprint"] = self.fingerprint.map { .string($0) }
        object["retryable"] = .bool(self.isRetryable)
        return .object(object)
    }
}
