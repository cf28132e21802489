import AMQP

/// The properties and headers of a message as JSON that PostgreSQL can keep, without loss in either direction.
///
/// A text is a JSON string; one with NUL, which PostgreSQL does not know, is `{"utf8": hexadecimal}`. Headers are an array of
/// `{"name", "value"}`, since their order counts and names may repeat; see ``StoredValue`` for the values.
enum StoredProperties {
    static func json(of properties: AMQPProperties, withholding withheld: inout [JSONValue]) -> JSONObject {
        var object = JSONObject()
        for (name, path) in Self.texts { object[name] = properties[keyPath: path].map(Self.json(of:)) }
        object["delivery_mode"] = properties.deliveryMode.map { .integer($0) }
        object["priority"] = properties.priority.map { .integer($0) }
        object["timestamp"] = properties.timestamp.map { .integer($0) }
        object["headers"] = properties.headers.map { headers in
            .array(headers.entries.map { entry in
                guard entry.name.lowercased() == "authorization" else { return StoredValue.json(of: entry) }
                withheld.append(StoredValue.json(of: entry.value))
                return ["name": Self.json(of: entry.name), "value": ["withheld": true]]
            })
        }
        // What could not even be read; the dead letter says so, and is not published again with it.
        if !properties.malformed.isEmpty { object["malformed"] = .array(properties.malformed.sorted().map { .string($0) }) }
        return object
    }

    static func properties(
        _ object: JSONObject, _ withheld: [JSONValue]
    ) throws(StoredMessage.Unreadable) -> AMQPProperties {
        var properties = AMQPProperties()
        for (name, path) in Self.texts { properties[keyPath: path] = try Self.text(object[name], name) }
        properties.deliveryMode = try Self.number(object["delivery_mode"], "delivery_mode")
        properties.priority = try Self.number(object["priority"], "priority")
        properties.timestamp = try Self.number(object["timestamp"], "timestamp")
        guard let headers = object["headers"] else { return properties }
        guard let headers = headers.array else { throw StoredMessage.Unreadable(place: "headers") }
        var rest = withheld[...]
        var entries: [AMQPTable.Entry] = []
        for header in headers {
            guard header.object?["value"] == ["withheld": true] else {
                entries.append(try StoredValue.entry(header))
                continue
            }
            // Without the credentials, a message that has only passed through the queue of dead letters is rebuilt without them.
            guard let name = header.object?["name"], let value = rest.popFirst() else { continue }
            entries.append(try StoredValue.entry(["name": name, "value": value]))
        }
        properties.headers = AMQPTable(entries)
        return properties
    }

    static func json(of text: String) -> JSONValue {
        text.utf8.contains(0) ? ["utf8": .string(text.utf8.hexadecimal)] : .string(text)
    }

    /// The text, `nil` where there is none.
    static func text(_ value: JSONValue?, _ place: String) throws(StoredMessage.Unreadable) -> String? {
        switch value {
        case nil: return nil
        case .string(let text)?: return text
        case .object(let object)?:
            guard let bytes = object["utf8"]?.string.flatMap([UInt8].init(hexadecimal:)),
                let text = String(validating: bytes, as: UTF8.self)
            else { throw StoredMessage.Unreadable(place: place) }
            return text
        case _?: throw StoredMessage.Unreadable(place: place)
        }
    }

    static func number<Number: FixedWidthInteger>(
        _ value: JSONValue?, _ place: String
    ) throws(StoredMessage.Unreadable) -> Number? {
        guard let value else { return nil }
        guard case .number(let text) = value, let number = Number(text) else { throw StoredMessage.Unreadable(place: place) }
        return number
    }

    private static var texts: [(name: String, path: WritableKeyPath<AMQPProperties, String?>)] {
        [
            ("content_type", \.contentType), ("content_encoding", \.contentEncoding), ("correlation_id", \.correlationID),
            ("reply_to", \.replyTo), ("expiration", \.expiration), ("message_id", \.messageID), ("type", \.type),
            ("user_id", \.userID), ("app_id", \.appID), ("cluster_id", \.clusterID),
        ]
    }
}
