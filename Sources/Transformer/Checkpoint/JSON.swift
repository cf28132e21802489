/// A value of a checkpoint's JSON files.
///
/// Objects keep no order, and reading refuses a name that occurs twice.
indirect enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])
    /// An object with names that are equal to Swift and yet not the same scalars, as vocabularies have them.
    case entries([Entry])

    struct Entry: Sendable, Hashable {
        let name: String
        let value: JSON
    }

    /// Reads a file of at most `limit` bytes that holds one JSON document.
    init(contentsOf path: String, limit: Int) throws(TransformerError) {
        let memory = try ReadOnlyMemory(mapping: path)
        guard memory.count <= limit else {
            throw TransformerError(.limitExceeded, "\(path) has \(memory.count) bytes; at most \(limit) are read.")
        }
        self = try memory.withBytes { bytes throws(TransformerError) in
            try JSON(parsing: bytes, source: path)
        }
    }

    /// Parses one document; `source` names it in errors.
    init(parsing bytes: UnsafeRawBufferPointer, source: String) throws(TransformerError) {
        var reader = JSONReader(bytes, source: source)
        self = try reader.readDocument()
    }

    var string: String? { if case .string(let value) = self { value } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    var object: [String: JSON]? { if case .object(let value) = self { value } else { nil } }

    /// The members of an object, in no order, whatever their names.
    var entries: [Entry]? {
        switch self {
        case .object(let members): members.map { Entry(name: $0.key, value: $0.value) }
        case .entries(let entries): entries
        default: nil
        }
    }

    /// Any number, as a double.
    var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    var isNull: Bool { self == .null }

    /// A member of an object; nil where it is absent or null, or this is no object.
    subscript(_ name: String) -> JSON? {
        guard case .object(let members) = self, let value = members[name], !value.isNull else { return nil }
        return value
    }
}
