import Foundation

/// Says whether a document satisfies a JSON Schema, by the words of the specification and with none of the code under
/// test.
struct JSONSchemaValidator {
    private enum Value: Decodable, Hashable {
        case null
        case bool(Bool)
        case number(Decimal)
        case string(String)
        case array([Value])
        case object([String: Value])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(Decimal.self) {
                self = .number(value)
            } else if let value = try? container.decode(String.self) {
                self = .string(value)
            } else if let value = try? container.decode([Value].self) {
                self = .array(value)
            } else {
                self = .object(try container.decode([String: Value].self))
            }
        }

        subscript(_ name: String) -> Value? { if case .object(let members) = self { members[name] } else { nil } }
        var elements: [Value]? { if case .array(let elements) = self { elements } else { nil } }
        var string: String? { if case .string(let text) = self { text } else { nil } }
        var number: Decimal? { if case .number(let number) = self { number } else { nil } }
    }

    private let root: Value

    init(_ schema: String) throws { self.root = try JSONDecoder().decode(Value.self, from: Data(schema.utf8)) }

    func accepts(_ document: String) throws -> Bool {
        self.accepts(try JSONDecoder().decode(Value.self, from: Data(document.utf8)), self.root)
    }

    private func accepts(_ value: Value, _ schema: Value) -> Bool {
        if let reference = schema["$ref"]?.string {
            let definition = reference.split(separator: "/").dropFirst().reduce(self.root as Value?) { $0?[String($1)] }
            return definition.map { self.accepts(value, $0) } ?? false
        }
        if let constant = schema["const"], value != constant { return false }
        if let values = schema["enum"]?.elements, !values.contains(value) { return false }
        if let any = schema["anyOf"]?.elements, !any.contains(where: { self.accepts(value, $0) }) { return false }
        if let one = schema["oneOf"]?.elements, one.filter({ self.accepts(value, $0) }).count != 1 { return false }
        if let type = schema["type"], !(type.elements ?? [type]).contains(where: { Self.is(value, $0.string) }) {
            return false
        }
        func isWithin(_ size: Decimal, _ least: String, _ most: String) -> Bool {
            schema[least]?.number.map { size >= $0 } ?? true && schema[most]?.number.map { size <= $0 } ?? true
        }
        switch value {
        case .object(let members):
            return (schema["required"]?.elements ?? []).allSatisfy { $0.string.map { members[$0] != nil } ?? false }
                && members.allSatisfy { name, value in
                    schema["properties"]?[name].map { self.accepts(value, $0) }
                        ?? (schema["additionalProperties"] != .bool(false))
                }
        case .array(let elements):
            return isWithin(Decimal(elements.count), "minItems", "maxItems")
                && elements.allSatisfy { element in schema["items"].map { self.accepts(element, $0) } ?? true }
        case .string(let text): return isWithin(Decimal(text.unicodeScalars.count), "minLength", "maxLength")
        case .number(let number):
            return isWithin(number, "minimum", "maximum")
                && schema["exclusiveMinimum"]?.number.map { number > $0 } ?? true
                && schema["exclusiveMaximum"]?.number.map { number < $0 } ?? true
        case .null, .bool: return true
        }
    }

    private static func `is`(_ value: Value, _ type: String?) -> Bool {
        switch (type, value) {
        case ("null", .null), ("boolean", .bool), ("number", .number), ("string", .string), ("array", .array),
            ("object", .object):
            return true
        case ("integer", .number(var number)):
            let exact = number
            var whole = Decimal()
            NSDecimalRound(&whole, &number, 0, .plain)
            return whole == exact
        default: return false
        }
    }
}
