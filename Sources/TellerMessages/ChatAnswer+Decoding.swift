import Foundation

extension ChatAnswer {
    /// Reads an answer. Members that this version does not know are passed over, since answers may grow.
    public init(decoding bytes: [UInt8]) throws(MalformedMessage) {
        let document: JSONValue
        do {
            document = try JSONValue(parsing: bytes, maximumSize: 1 << 20)
        } catch {
            throw MalformedMessage(.json, "the answer", "must be strict JSON: \(error)")
        }
        guard let object = document.object, let requestID = object["request_id"]?.string,
            let status = (object["status"]?.string).flatMap(Status.init(rawValue:)), let text = object["text"]?.string,
            let language = object["language"]?.string
        else { throw MalformedMessage(.schema, "the answer", "must have request_id, status, language and text") }
        self.init(
            requestID: requestID, version: object["version"]?.integer ?? 1,
            conversationID: object["conversation_id"]?.string ?? "", status: status, language: language, text: text)
        self.supersedes = object["supersedes"]?.string.flatMap(UUID.init(uuidString:))
        if let plan = object["plan"]?.object, let tool = plan["tool"]?.string {
            self.plan = ToolCall(tool: tool, arguments: plan["arguments"]?.object ?? JSONObject())
        }
        self.facts = (object["facts"]?.array ?? []).compactMap(Fact.init)
        self.disclosures = (object["disclosures"]?.array ?? []).compactMap(\.string)
        self.problem = (object["problem"]?.object).flatMap(Problem.init)
        if let model = object["model"]?.object, let name = model["name"]?.string {
            self.model = Model(name: name, revision: model["revision"]?.string ?? "", weights: model["weights"]?.string ?? "")
        }
        let usage = object["usage"]?.object
        self.usage = Usage(
            promptTokens: usage?["prompt_tokens"]?.integer ?? 0, cachedTokens: usage?["cached_tokens"]?.integer ?? 0,
            completionTokens: usage?["completion_tokens"]?.integer ?? 0)
        self.timing = (object["timing"]?.object?.members ?? []).compactMap { name, value in
            value.integer.map { (name, $0) }
        }
    }
}

extension Fact {
    fileprivate init?(_ value: JSONValue) {
        guard let object = value.object, let name = object["name"]?.string, let text = object["value"]?.string,
            let source = object["source"]?.string, let asOf = (object["as_of"]?.string).flatMap(Date.init(rfc3339:))
        else { return nil }
        self.init(name: name, value: text, unit: object["unit"]?.string, source: source, asOf: asOf)
    }
}

extension Problem {
    fileprivate init?(_ object: JSONObject) {
        guard let type = object["type"]?.string, let title = object["title"]?.string else { return nil }
        self.init(
            "", title: title, status: object["status"]?.integer ?? 500, detail: object["detail"]?.string,
            failureClass: object["class"]?.string ?? "", isRetryable: object["retryable"]?.bool ?? false)
        self.type = type
        self.fingerprint = object["fingerprint"]?.string
    }
}
