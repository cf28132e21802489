/// Reads one JSON document strictly: RFC 8259 and nothing beside it, within limits.
///
/// Lenient parsers disagree with each other about duplicate names, lone surrogates or trailing bytes, and where the
/// system that authorises a request and the one that answers it read it differently, an attacker chooses which is right.
/// So all of these are errors here, and so is NUL, which PostgreSQL cannot store.
struct JSONParser {
    static let maximumNumberLength = 64

    private let bytes: [UInt8]
    private let maximumDepth: Int
    private var position = 0

    /// Parses the whole of `bytes`.
    static func parse(
        _ bytes: [UInt8], maximumDepth: Int = 32, maximumSize: Int = 65_536
    ) throws(JSONSyntaxError) -> JSONValue {
        guard bytes.count <= maximumSize else { throw JSONSyntaxError(reason: .tooLarge, offset: maximumSize) }
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { throw JSONSyntaxError(reason: .byteOrderMark, offset: 0) }
        var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth)
        parser.skipWhitespace()
        guard parser.peek != nil else { throw parser.failure(.empty) }
        let value = try parser.value(depth: 0)
        parser.skipWhitespace()
        guard parser.peek == nil else { throw parser.failure(.trailingBytes) }
        return value
    }

    private init(bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    private var peek: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    private func failure(_ reason: JSONSyntaxError.Reason, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(reason: reason, offset: offset ?? self.position)
    }

    private mutating func skipWhitespace() {
        while let byte = self.peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.position += 1 }
    }

    // MARK: - Values

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard let byte = self.peek else { throw self.failure(.unexpectedEnd) }
        switch byte {
        case UInt8(ascii: "{"): return .object(try self.object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try self.array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "t"): return try self.literal("true", .bool(true))
        case UInt8(ascii: "f"): return try self.literal("false", .bool(false))
        case UInt8(ascii: "n"): return try self.literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try self.number())
        default: throw self.failure(.unexpectedByte)
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            guard let byte = self.peek else { throw self.failure(.unexpectedEnd) }
            guard byte == word.utf8Start[offset] else { throw self.failure(.unexpectedByte) }
            self.position += 1
        }
        return value
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        guard depth <= self.maximumDepth else { throw self.failure(.tooDeep) }
        var object = JSONObject()
        var names: Set<String> = []
        self.position += 1
        self.skipWhitespace()
        if self.peek == UInt8(ascii: "}") {
            self.position += 1
            return object
        }
        while true {
            self.skipWhitespace()
            let start = self.position
            guard let byte = self.peek else { throw self.failure(.unexpectedEnd) }
            guard byte == UInt8(ascii: "\"") else { throw self.failure(.unexpectedByte) }
            let name = try self.string()
            // `Set<String>` also folds canonically equivalent names, which JSON keeps apart; refusing those is safer.
            guard names.insert(name).inserted else { throw self.failure(.duplicateName, at: start) }
            self.skipWhitespace()
            try self.expect(UInt8(ascii: ":"))
            self.skipWhitespace()
            object.append(name, try self.value(depth: depth))
            self.skipWhitespace()
            if try self.ends(with: UInt8(ascii: "}")) { return object }
        }
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
        guard depth <= self.maximumDepth else { throw self.failure(.tooDeep) }
        var elements: [JSONValue] = []
        self.position += 1
        self.skipWhitespace()
        if self.peek == UInt8(ascii: "]") {
            self.position += 1
            return elements
        }
        while true {
            self.skipWhitespace()
            elements.append(try self.value(depth: depth))
            self.skipWhitespace()
            if try self.ends(with: UInt8(ascii: "]")) { return elements }
        }
    }

    private mutating func expect(_ byte: UInt8) throws(JSONSyntaxError) {
        guard let next = self.peek else { throw self.failure(.unexpectedEnd) }
        guard next == byte else { throw self.failure(.unexpectedByte) }
        self.position += 1
    }

    /// Steps over a comma or the closing byte, and says whether it was the closing byte.
    private mutating func ends(with close: UInt8) throws(JSONSyntaxError) -> Bool {
        guard let next = self.peek else { throw self.failure(.unexpectedEnd) }
        guard next == close || next == UInt8(ascii: ",") else { throw self.failure(.unexpectedByte) }
        self.position += 1
        return next == close
    }

    // MARK: - Numbers

    private mutating func number() throws(JSONSyntaxError) -> String {
        let start = self.position
        if self.peek == UInt8(ascii: "-") { self.position += 1 }
        if self.peek == UInt8(ascii: "0") {
            self.position += 1
        } else {
            try self.digits()
        }
        if self.peek == UInt8(ascii: ".") {
            self.position += 1
            try self.digits()
        }
        if self.peek == UInt8(ascii: "e") || self.peek == UInt8(ascii: "E") {
            self.position += 1
            if self.peek == UInt8(ascii: "+") || self.peek == UInt8(ascii: "-") { self.position += 1 }
            try self.digits()
        }
        guard self.position - start <= Self.maximumNumberLength else { throw self.failure(.numberTooLong, at: start) }
        return String(decoding: self.bytes[start..<self.position], as: UTF8.self)
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = self.position
        while let byte = self.peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { self.position += 1 }
        guard self.position > start else { throw self.failure(self.peek == nil ? .unexpectedEnd : .invalidNumber) }
    }

    // MARK: - Strings

    private mutating func string() throws(JSONSyntaxError) -> String {
        self.position += 1
        var text: [UInt8] = []
        while true {
            let start = self.position
            // The run up to the next quote, escape or control character is copied whole.
            while let byte = self.peek, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                self.position += 1
            }
            text += self.bytes[start..<self.position]
            switch self.peek {
            case nil: throw self.failure(.unexpectedEnd)
            case UInt8(ascii: "\""):
                self.position += 1
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw self.failure(.invalidUTF8, at: start)
                }
                return string
            case UInt8(ascii: "\\"): text += String(try self.escape()).utf8
            default: throw self.failure(.controlCharacter)
            }
        }
    }

    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = self.position
        self.position += 1
        guard let byte = self.peek else { throw self.failure(.unexpectedEnd) }
        self.position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw self.failure(.invalidEscape, at: start)
        }
        let unit = try self.hexadecimalUnit(at: start)
        if let scalar = Unicode.Scalar(unit) {
            guard scalar != "\0" else { throw self.failure(.null, at: start) }
            return scalar
        }
        guard UTF16.isLeadSurrogate(unit), self.peek == UInt8(ascii: "\\") else {
            throw self.failure(.loneSurrogate, at: start)
        }
        self.position += 1
        guard self.peek == UInt8(ascii: "u") else { throw self.failure(.loneSurrogate, at: start) }
        self.position += 1
        let trail = try self.hexadecimalUnit(at: start)
        guard UTF16.isTrailSurrogate(trail) else { throw self.failure(.loneSurrogate, at: start) }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    private mutating func hexadecimalUnit(at start: Int) throws(JSONSyntaxError) -> UInt16 {
        guard self.position + 4 <= self.bytes.count else { throw self.failure(.unexpectedEnd) }
        var unit: UInt16 = 0
        for byte in self.bytes[self.position..<self.position + 4] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "A") + 10)
            default: throw self.failure(.invalidEscape, at: start)
            }
        }
        self.position += 4
        return unit
    }
}

extension JSONValue {
    /// Reads one document strictly (RFC 8259).
    ///
    /// - Parameters:
    ///   - bytes: The document, UTF-8 without a byte order mark.
    ///   - maximumDepth: How deeply arrays and objects may be nested.
    ///   - maximumSize: How many bytes the document may have.
    public init(
        parsing bytes: [UInt8], maximumDepth: Int = 32, maximumSize: Int = 65_536
    ) throws(JSONSyntaxError) {
        self = try JSONParser.parse(bytes, maximumDepth: maximumDepth, maximumSize: maximumSize)
    }
}
