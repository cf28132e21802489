/// A JSON document that keeps the order of its members and how its numbers are spelled.
indirect enum OrderedJSON: Sendable {
    struct Member: Sendable {
        let name: String
        let value: OrderedJSON
    }

    case scalar(JSON, spelling: String)
    case array([OrderedJSON])
    case object([Member])

    /// Reads one document; `source` names it in errors.
    init(_ text: String, source: String) throws(TransformerError) {
        let bytes = Array(text.utf8)
        // What is read below is known to be well-formed.
        _ = try JSON(parsing: bytes, source: source)
        var scanner = Scanner(bytes: bytes[...])
        self = try scanner.value()
    }

    var members: [Member]? { if case .object(let members) = self { members } else { nil } }
    var elements: [OrderedJSON]? { if case .array(let elements) = self { elements } else { nil } }
    var string: String? { if case .scalar(.string(let value), _) = self { value } else { nil } }
    var integer: Int? { if case .scalar(.integer(let value), _) = self { value } else { nil } }
    /// How a number is spelled.
    var number: String? {
        switch self {
        case .scalar(.integer, let spelling), .scalar(.number, let spelling): spelling
        default: nil
        }
    }

    subscript(_ name: String) -> OrderedJSON? { self.members?.first { $0.name == name }?.value }

    /// The document without any white space.
    var compact: String {
        switch self {
        case .scalar(.string(let text), _): Self.quoted(text)
        case .scalar(_, let spelling): spelling
        case .array(let elements): "[\(elements.map(\.compact).joined(separator: ","))]"
        case .object(let members):
            "{\(members.map { "\(Self.quoted($0.name)):\($0.value.compact)" }.joined(separator: ","))}"
        }
    }

    /// The same for documents that mean the same: 1 and 1.0, or members in another order.
    var meaning: JSON {
        switch self {
        case .scalar(.integer(let value), _): .number(Double(value))
        case .scalar(let value, _): value
        case .array(let elements): .array(elements.map(\.meaning))
        case .object(let members): .object(Dictionary(members.map { ($0.name, $0.value.meaning) }) { $1 })
        }
    }

    /// A string as JSON spells it, with no escape that is not needed.
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// Takes a well-formed document apart.
private struct Scanner {
    var bytes: ArraySlice<UInt8>

    mutating func value() throws(TransformerError) -> OrderedJSON {
        self.skipSeparators()
        switch self.bytes.first {
        case UInt8(ascii: "{"):
            self.bytes.removeFirst()
            var members: [OrderedJSON.Member] = []
            while !self.skipEnd(UInt8(ascii: "}")) {
                let name = try self.value().string ?? ""
                members.append(OrderedJSON.Member(name: name, value: try self.value()))
            }
            return .object(members)
        case UInt8(ascii: "["):
            self.bytes.removeFirst()
            var elements: [OrderedJSON] = []
            while !self.skipEnd(UInt8(ascii: "]")) { elements.append(try self.value()) }
            return .array(elements)
        default:
            let spelling = Array(self.scalar())
            return .scalar(
                try JSON(parsing: spelling, source: "A value"), spelling: String(decoding: spelling, as: UTF8.self))
        }
    }

    private mutating func scalar() -> ArraySlice<UInt8> {
        let start = self.bytes.startIndex
        var end = start
        if self.bytes.first == UInt8(ascii: "\"") {
            repeat { end += self.bytes[end] == UInt8(ascii: "\\") ? 2 : 1 } while self.bytes[end] != UInt8(ascii: "\"")
            end += 1
        } else {
            while end < self.bytes.endIndex, !",]} \n\r\t".utf8.contains(self.bytes[end]) { end += 1 }
        }
        defer { self.bytes = self.bytes[end...] }
        return self.bytes[start..<end]
    }

    private mutating func skipEnd(_ end: UInt8) -> Bool {
        self.skipSeparators()
        guard self.bytes.first == end else { return false }
        self.bytes.removeFirst()
        return true
    }

    private mutating func skipSeparators() { self.bytes = self.bytes.drop { ",: \n\r\t".utf8.contains($0) } }
}

extension JSON {
    fileprivate init(parsing bytes: [UInt8], source: String) throws(TransformerError) {
        self = try bytes.span.withUnsafeBytes { bytes throws(TransformerError) in
            try JSON(parsing: bytes, source: source)
        }
    }
}
