public import AMQP
import Foundation

extension ChatRequest {
    /// Reads a request as it came from the broker, in plain or CloudEvents binary mode, and checks all of it that is used.
    public init(decoding message: AMQPMessage) throws(MalformedMessage) {
        let properties = message.properties
        if let name = properties.malformed.min() { throw MalformedMessage(.property, name, "must be UTF-8") }
        let headers = properties.headers ?? [:]
        let reader = HeaderReader(headers: headers)

        let eventID = try reader.cloudEvent("id")
        guard let id = properties.messageID ?? eventID else {
            throw MalformedMessage(.property, "message_id", "is required")
        }
        guard Identifier.isValid(id) else { throw MalformedMessage(.property, "message_id", Identifier.rule) }
        if let correlation = properties.correlationID, !Identifier.isValid(correlation) {
            throw MalformedMessage(.property, "correlation_id", Identifier.rule)
        }
        let eventType = try reader.cloudEvent("type")
        guard (properties.type ?? eventType ?? Self.messageType) == Self.messageType else {
            throw MalformedMessage(.property, "type", "must be \(Self.messageType)")
        }
        if let version = try reader.cloudEvent("specversion"), version != "1.0" {
            throw MalformedMessage(.property, "cloudEvents_specversion", "must be 1.0")
        }
        if let contentType = properties.contentType, !Self.isJSON(contentType) {
            throw MalformedMessage(.property, "content_type", "must be application/json, in UTF-8")
        }
        guard properties.contentEncoding == nil else {
            throw MalformedMessage(.property, "content_encoding", "must be absent")
        }

        self.init(
            id: id, correlationID: properties.correlationID, replyTo: properties.replyTo,
            deadline: try Self.deadline(properties, reader), token: try reader.bearerToken(),
            trace: try reader.trace(),
            body: try Body(decoding: message.body))
    }

    /// The message for the broker.
    public var message: AMQPMessage {
        var headers: AMQPTable = [:]
        if let token = self.token { headers["authorization"] = .string("Bearer \(token)") }
        if let deadline = self.deadline { headers["deadline"] = .string(deadline.rfc3339) }
        headers.set(self.trace)
        var properties = AMQPProperties()
        properties.contentType = "application/json"
        properties.deliveryMode = 2
        properties.type = Self.messageType
        properties.messageID = self.id
        properties.correlationID = self.correlationID
        properties.replyTo = self.replyTo
        properties.headers = headers
        return AMQPMessage(properties: properties, body: self.body.json.serialized)
    }

    private static func isJSON(_ contentType: String) -> Bool {
        let parts = contentType.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\"" } }
        return parts.first == "application/json" && parts.dropFirst().allSatisfy { $0 == "charset=utf-8" }
    }

    /// The first instant that RFC 3339 cannot write, 10000-01-01T00:00:00Z, in seconds since 1970.
    private static let endOfTime: UInt64 = 253_402_300_800

    /// The earlier of the header `deadline` and, where both are given, `timestamp` + `expiration`.
    private static func deadline(
        _ properties: AMQPProperties, _ reader: HeaderReader
    ) throws(MalformedMessage) -> Date? {
        var deadlines: [Date] = []
        if let text = try reader.text("deadline") {
            guard let deadline = Date(rfc3339: text) else {
                throw MalformedMessage(.property, "deadline", "must be an RFC 3339 instant, such as 2026-11-25T09:30:00Z")
            }
            deadlines.append(deadline)
        }
        if let text = properties.expiration {
            guard let milliseconds = UInt32(text) else {
                throw MalformedMessage(.property, "expiration", "must be a whole number of milliseconds")
            }
            if let timestamp = properties.timestamp, timestamp < Self.endOfTime - UInt64(milliseconds) / 1000 - 1 {
                deadlines.append(Date(timeIntervalSince1970: Double(timestamp) + Double(milliseconds) / 1000))
            }
        }
        return deadlines.min()
    }
}

extension AMQPTable {
    /// Writes the trace context under its W3C names.
    public mutating func set(_ trace: TraceContext?) {
        guard let trace else { return }
        self["traceparent"] = .string(trace.parent)
        if let state = trace.state { self["tracestate"] = .string(state) }
    }
}

/// Takes texts from a header table.
private struct HeaderReader {
    let headers: AMQPTable

    /// Names given twice are an error as in JSON: whoever let the request pass may have read the other one.
    func text(_ name: String) throws(MalformedMessage) -> String? {
        let entries = self.headers.entries.filter { $0.name == name }
        guard let entry = entries.first else { return nil }
        guard entries.count == 1 else { throw MalformedMessage(.property, name, "must be given once") }
        guard let text = entry.value.string else { throw MalformedMessage(.property, name, "must be a text in UTF-8") }
        return text
    }

    /// A CloudEvents attribute in the binding's binary mode; both of its separators are understood.
    func cloudEvent(_ attribute: String) throws(MalformedMessage) -> String? {
        if let text = try self.text("cloudEvents_" + attribute) { return text }
        return try self.text("cloudEvents:" + attribute)
    }

    /// What is not a trace context as W3C defines it is passed over: a trace is no reason to refuse a question.
    func trace() throws(MalformedMessage) -> TraceContext? {
        guard let parent = try self.text("traceparent") else { return nil }
        return TraceContext(parent: parent, state: try self.text("tracestate"))
    }

    func bearerToken() throws(MalformedMessage) -> String? {
        guard let text = try self.text("authorization") else { return nil }
        let parts = text.split(separator: " ", maxSplits: 1)
        // Anything that is not a bearer token is no token: the request is then refused, as one without.
        guard parts.count == 2, parts[0].lowercased() == "bearer", parts[1].utf8.count <= 16_384 else { return nil }
        return String(parts[1])
    }
}
