import AMQP

/// A header's value as JSON: texts, booleans and the void value as JSON has them, every other type as an object with one member
/// that names the type (`{"int32": 7}`), so that none is mistaken for another.
enum StoredValue {
    static func json(of entry: AMQPTable.Entry) -> JSONValue {
        ["name": StoredProperties.json(of: entry.name), "value": Self.json(of: entry.value)]
    }

    static func json(of value: AMQPValue) -> JSONValue {
        switch value {
        case .string(let text): StoredProperties.json(of: text)
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
        case .array(let values): ["array": .array(values.map(Self.json(of:)))]
        case .table(let table): ["table": .array(table.entries.map(Self.json(of:)))]
        }
    }

    static func entry(_ json: JSONValue) throws(StoredMessage.Unreadable) -> AMQPTable.Entry {
        guard let object = json.object, let name = try StoredProperties.text(object["name"], "headers"), let value = object["value"] else {
            throw StoredMessage.Unreadable(place: "headers")
        }
        return AMQPTable.Entry(name, try Self.value(value))
    }

    private static func value(_ json: JSONValue) throws(StoredMessage.Unreadable) -> AMQPValue {
        switch json {
        case .string(let text): return .string(text)
        case .bool(let value): return .bool(value)
        case .null: return .void
        case .number, .array: throw StoredMessage.Unreadable(place: "headers")
        case .object(let object):
            guard object.members.count == 1, let (type, content) = object.members.first else {
                throw StoredMessage.Unreadable(place: "headers")
            }
            return try Self.value(content, ofType: type)
        }
    }

    private static func value(_ content: JSONValue, ofType type: String) throws(StoredMessage.Unreadable) -> AMQPValue {
        switch type {
        case "utf8":
            guard let text = try StoredProperties.text(["utf8": content], "headers") else { break }
            return .string(text)
        case "int8": return .int8(try Self.number(content))
        case "uint8": return .uint8(try Self.number(content))
        case "int16": return .int16(try Self.number(content))
        case "uint16": return .uint16(try Self.number(content))
        case "int32": return .int32(try Self.number(content))
        case "uint32": return .uint32(try Self.number(content))
        case "int64": return .int64(try Self.number(content))
        case "timestamp": return .timestamp(try Self.number(content))
        case "float_bits": return .float(Float(bitPattern: try Self.number(content)))
        case "double_bits": return .double(Double(bitPattern: try Self.number(content)))
        case "decimal":
            guard let parts = content.array, parts.count == 2 else { break }
            return .decimal(decimals: try Self.number(parts[0]), value: try Self.number(parts[1]))
        case "long_string":
            guard let bytes = content.string.flatMap([UInt8].init(hexadecimal:)) else { break }
            return .longString(bytes)
        case "bytes":
            guard let bytes = content.string.flatMap([UInt8].init(hexadecimal:)) else { break }
            return .bytes(bytes)
        case "array":
            guard let elements = content.array else { break }
            var values: [AMQPValue] = []
            for element in elements { values.append(try Self.value(element)) }
            return .array(values)
        case "table":
            guard let elements = content.array else { break }
            var entries: [AMQPTable.Entry] = []
            for element in elements { entries.append(try Self.entry(element)) }
            return .table(AMQPTable(entries))
        default: break
        }
        throw StoredMessage.Unreadable(place: "headers")
    }

    private static func number<Number: FixedWidthInteger>(_ value: JSONValue) throws(StoredMessage.Unreadable) -> Number {
        guard let number: Number = try StoredProperties.number(value, "headers") else {
            throw StoredMessage.Unreadable(place: "headers")
        }
        return number
    }
}
