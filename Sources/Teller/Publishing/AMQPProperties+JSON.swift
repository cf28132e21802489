import AMQP
import TellerMessages

extension AMQPProperties {
    /// All properties and headers, losslessly, as they are kept with a dead letter.
    var json: JSONValue {
        var object = JSONObject()
        let texts = [
            ("content_type", self.contentType), ("content_encoding", self.contentEncoding), ("correlation_id", self.correlationID),
            ("reply_to", self.replyTo), ("expiration", self.expiration), ("message_id", self.messageID), ("type", self.type),
            ("user_id", self.userID), ("app_id", self.appID), ("cluster_id", self.clusterID),
        ]
        for (name, text) in texts { object[name] = text.map { .string($0.withoutNull) } }
        object["delivery_mode"] = self.deliveryMode.map { .integer($0) }
        object["priority"] = self.priority.map { .integer($0) }
        object["timestamp"] = self.timestamp.map { .integer($0) }
        object["headers"] = self.headers?.json
        if !self.malformed.isEmpty { object["malformed"] = .array(self.malformed.sorted().map { .string($0) }) }
        return .object(object)
    }
}

extension String {
    /// PostgreSQL has no NUL in text; it reads as U+FFFD there.
    var withoutNull: String { self.replacing("\0", with: "\u{FFFD}") }
}

extension AMQPTable {
    /// The headers in their order, each name with its value.
    var json: JSONValue {
        .array(self.entries.map { ["name": .string($0.name.withoutNull), "value": $0.value.json] })
    }
}

extension AMQPValue {
    /// Texts and booleans as JSON has them; every other type as an object that names it, so that none is lost.
    var json: JSONValue {
        switch self {
        case .string(let text): .string(text.withoutNull)
        case .bool(let value): .bool(value)
        case .void: .null
        case .int8(let value): ["int8": .integer(value)]
        case .uint8(let value): ["uint8": .integer(value)]
        case .int16(let value): ["int16": .integer(value)]
        case .uint16(let value): ["uint16": .integer(value)]
        case .int32(let value): ["int32": .integer(value)]
        case .uint32(let value): ["uint32": .integer(value)]
        case .int64(let value): ["int64": .integer(value)]
        case .timestamp(let value): ["timestamp": .integer(value)]
        // By their bits, since JSON has neither NaN nor infinity.
        case .float(let value): ["float_bits": .integer(value.bitPattern)]
        case .double(let value): ["double_bits": .integer(value.bitPattern)]
        case .decimal(let decimals, let value): ["decimal": [.integer(decimals), .integer(value)]]
        case .longString(let bytes): ["long_string": .string(bytes.hexadecimal)]
        case .bytes(let bytes): ["bytes": .string(bytes.hexadecimal)]
        case .array(let values): ["array": .array(values.map(\.json))]
        case .table(let table): ["table": table.json]
        }
    }
}