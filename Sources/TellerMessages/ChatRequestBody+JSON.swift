import Foundation

extension ChatRequest.Body {
    /// Reads and checks a request's body: strict JSON, the members of the schema and no others, within their limits.
    public init(decoding bytes: [UInt8]) throws(MalformedMessage) {
        guard bytes.count <= ChatRequest.maximumBodySize else {
            throw MalformedMessage(.tooLarge, "the body", "must be at most \(ChatRequest.maximumBodySize) bytes")
        }
        let document: JSONValue
        do {
            document = try JSONValue(parsing: bytes)
        } catch {
            throw MalformedMessage(.json, "the body", "must be strict JSON: \(error)")
        }
        var members = try MemberReader(document, at: "")
        self.init(
            conversationID: try members.identifier("conversation_id"),
            customerID: try members.identifier("customer_id"),
            question: try members.question("question"))
        self.channel = try members.optionalToken("channel", maximumLength: 32)
        self.locale = try members.optionalToken("locale", maximumLength: 35)
        self.wantsStream = try members.optionalBool("stream") ?? false
        self.accountID = try members.optionalIdentifier("account_id")
        if let plan = members.take("plan") { self.plan = try ToolCall(decoding: plan, at: "/plan") }
        if let compose = members.take("compose") {
            guard compose == "plain" || compose == "model" else {
                throw MalformedMessage(.schema, "/compose", "must be \"plain\" or \"model\"")
            }
            self.wantsPlainWording = compose == "plain"
        }
        try members.expectEnd()
    }

    public var json: JSONValue {
        var object: JSONObject = [
            "conversation_id": .string(self.conversationID), "customer_id": .string(self.customerID),
            "question": .string(self.question),
        ]
        object["channel"] = self.channel.map { .string($0) }
        object["locale"] = self.locale.map { .string($0) }
        if self.wantsStream { object["stream"] = true }
        object["account_id"] = self.accountID.map { .string($0) }
        object["plan"] = self.plan?.json
        if self.wantsPlainWording { object["compose"] = "plain" }
        return .object(object)
    }
}

extension ToolCall {
    /// Reads a plan written as `{"tool": …, "arguments": {…}}`.
    public init(parsing text: String) throws(MalformedMessage) {
        let document: JSONValue
        do {
            document = try JSONValue(parsing: Array(text.utf8))
        } catch {
            throw MalformedMessage(.json, "the plan", "must be strict JSON: \(error)")
        }
        try self.init(decoding: document, at: "the plan")
    }

    init(decoding value: JSONValue, at place: String) throws(MalformedMessage) {
        var members = try MemberReader(value, at: place)
        let tool = try members.token("tool", maximumLength: 64)
        var arguments = JSONObject()
        if let value = members.take("arguments") {
            guard let object = value.object else {
                throw MalformedMessage(.schema, "\(place)/arguments", "must be an object, not \(value.kind)")
            }
            arguments = object
        }
        try members.expectEnd()
        self.init(tool: tool, arguments: arguments)
    }
}

/// Takes the members of an object one by one, and refuses those that nobody took.
private struct MemberReader {
    private var object: JSONObject
    private let place: String

    init(_ value: JSONValue, at place: String) throws(MalformedMessage) {
        guard let object = value.object else {
            throw MalformedMessage(.schema, place.isEmpty ? "the body" : place, "must be an object, not \(value.kind)")
        }
        self.object = object
        self.place = place
    }

    mutating func take(_ name: String) -> JSONValue? {
        defer { self.object[name] = nil }
        return self.object[name]
    }

    /// Names of members that the schema does not know are the sender's words: they are counted, not quoted.
    func expectEnd() throws(MalformedMessage) {
        guard self.object.isEmpty else {
            throw MalformedMessage(
                .schema, self.place.isEmpty ? "the body" : self.place,
                "must hold only members that the schema names (\(self.object.names.count) others)")
        }
    }

    private mutating func optionalString(_ name: String) throws(MalformedMessage) -> String? {
        guard let value = self.take(name) else { return nil }
        guard let string = value.string else {
            throw MalformedMessage(.schema, "\(self.place)/\(name)", "must be a string, not \(value.kind)")
        }
        return string
    }

    private func missing(_ name: String) -> MalformedMessage {
        MalformedMessage(.schema, "\(self.place)/\(name)", "is required")
    }

    mutating func optionalBool(_ name: String) throws(MalformedMessage) -> Bool? {
        guard let value = self.take(name) else { return nil }
        guard let bool = value.bool else {
            throw MalformedMessage(.schema, "\(self.place)/\(name)", "must be true or false, not \(value.kind)")
        }
        return bool
    }

    mutating func optionalIdentifier(_ name: String) throws(MalformedMessage) -> String? {
        guard let text = try self.optionalString(name) else { return nil }
        guard Identifier.isValid(text) else {
            throw MalformedMessage(.schema, "\(self.place)/\(name)", Identifier.rule)
        }
        return text
    }

    mutating func identifier(_ name: String) throws(MalformedMessage) -> String {
        guard let text = try self.optionalIdentifier(name) else { throw self.missing(name) }
        return text
    }

    /// A word of letters, digits, `.`, `_` and `-`.
    mutating func optionalToken(_ name: String, maximumLength: Int) throws(MalformedMessage) -> String? {
        guard let text = try self.optionalString(name) else { return nil }
        let isToken = !text.isEmpty && text.utf8.count <= maximumLength && text.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || "._-".unicodeScalars.contains($0))
        }
        guard isToken else {
            throw MalformedMessage(
                .schema, "\(self.place)/\(name)", "must be 1 to \(maximumLength) of the characters A-Z a-z 0-9 . _ -")
        }
        return text
    }

    mutating func token(_ name: String, maximumLength: Int) throws(MalformedMessage) -> String {
        guard let text = try self.optionalToken(name, maximumLength: maximumLength) else { throw self.missing(name) }
        return text
    }

    /// The customer's words: normalised to NFC, within the limit, without control characters other than line breaks and tabs.
    mutating func question(_ name: String) throws(MalformedMessage) -> String {
        guard let text = try self.optionalString(name) else { throw self.missing(name) }
        let question = text.precomposedStringWithCanonicalMapping
        let scalars = question.unicodeScalars
        guard scalars.count <= ChatRequest.maximumQuestionLength else {
            throw MalformedMessage(
                .schema, "\(self.place)/\(name)", "must be at most \(ChatRequest.maximumQuestionLength) characters")
        }
        guard scalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw MalformedMessage(.schema, "\(self.place)/\(name)", "must not be empty")
        }
        guard scalars.allSatisfy({ $0.properties.generalCategory != .control || $0 == "\n" || $0 == "\r" || $0 == "\t" })
        else {
            throw MalformedMessage(.schema, "\(self.place)/\(name)", "must not hold control characters")
        }
        return question
    }
}
