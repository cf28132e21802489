/// Lets a model write one JSON document that a JSON Schema allows, and nothing else.
///
/// Documents are written without white space, or with one space after every colon or comma, as the model begins them.
/// An object's members come in the order of its `properties`. Whatever is accepted can be completed.
///
/// The schema may have, at any place:
/// - `type`: a name or an array of names, with
///   - `properties`, `required` and `additionalProperties: false` (which is also what its absence means) for an object,
///   - `items`, `minItems` and `maxItems` for an array,
///   - `minLength` and `maxLength`, in Unicode scalars, for a string,
///   - `minimum`, `maximum`, `exclusiveMinimum` and `exclusiveMaximum` for a number or integer, which is written without
///     an exponent and with at most 15 digits before the point and 15 after it;
/// - `enum` and `const`, of any values, with or without a `type`;
/// - `anyOf`, and `oneOf` of alternatives that no document can satisfy two of, as their types, values and required
///   members show;
/// - `$ref` to `#/$defs/…` or `#/definitions/…`, without recursion;
/// - annotations such as `title` and `description`, which say nothing about what is allowed.
///
/// Every other keyword, `pattern`, `format`, `allOf` and `multipleOf` among them, is refused by name.
public struct JSONSchemaConstraint: TextConstraint {
    private let rules: [JSONRule]
    /// Every way in which what was written can be understood; each can be completed.
    private var readings: [JSONReading]

    /// - Parameter schema: The text of a JSON Schema.
    /// - Throws: ``TransformerError`` that names what is not supported, and where it stands.
    public init(schema: String) throws(TransformerError) {
        let (rules, root) = try JSONSchemaCompiler.compile(schema)
        self.rules = rules
        self.readings = [JSONReading(root: root)]
    }

    public func accepts(_ bytes: [UInt8]) -> Bool { self.readings(after: bytes) != nil }

    /// Appends bytes that ``accepts(_:)`` allows; others leave the constraint where it is.
    public mutating func append(_ bytes: [UInt8]) {
        if let readings = self.readings(after: bytes) { self.readings = readings }
    }

    public var mayEnd: Bool { self.readings.contains { $0.mayEnd(self.rules) } }

    public var forcedByte: UInt8? {
        guard self.readings.count == 1 else { return nil }
        return self.readings[0].forcedByte(self.rules)
    }

    private func readings(after bytes: [UInt8]) -> [JSONReading]? {
        var readings = self.readings
        for byte in bytes {
            readings =
                readings.count == 1
                ? readings[0].step(byte, self.rules)
                // Alternatives that are over may have become one.
                : Array(Set(readings.flatMap { $0.step(byte, self.rules) }))
            if readings.isEmpty { return nil }
        }
        return readings
    }
}
