/// A strict reader of RFC 8259 documents with a depth limit.
struct JSONReader {
    private static let maximumDepth = 32

    private let bytes: UnsafeRawBufferPointer
    private let source: String
    private var index = 0
    private var depth = 0

    init(_ bytes: UnsafeRawBufferPointer, source: String) {
        self.bytes = bytes
        self.source = source
    }

    /// The one value of the document.
    mutating func readDocument() throws(TransformerError) -> JSON {
        self.skipWhitespace()
        let value = try self.readValue()
        self.skipWhitespace()
        guard self.index == self.bytes.count else { throw self.failure("something follows the document") }
        return value
    }

    private mutating func readValue() throws(TransformerError) -> JSON {
        switch self.peek {
        case UInt8(ascii: "{"): return try self.readNested(Self.readObject)
        case UInt8(ascii: "["): return try self.readNested(Self.readArray)
        case UInt8(ascii: "\""): return .string(try self.readString())
        case UInt8(ascii: "t"): return try self.readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try self.readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try self.readWord("null", .null)
        default: return try self.readNumber()
        }
    }

    private mutating func readNested(
        _ read: (inout Self) throws(TransformerError) -> JSON
    ) throws(TransformerError) -> JSON {
        guard self.depth < Self.maximumDepth else { throw self.failure("values nest deeper than \(Self.maximumDepth)") }
        self.depth += 1
        self.index += 1
        self.skipWhitespace()
        let value = try read(&self)
        self.depth -= 1
        return value
    }

    private static func readObject(_ reader: inout Self) throws(TransformerError) -> JSON {
        var members: [String: JSON] = [:]
        var others: [[UInt8]: JSON.Entry] = [:]
        guard !reader.skip("}") else { return .object(members) }
        repeat {
            reader.skipWhitespace()
            let name = try reader.readString()
            reader.skipWhitespace()
            guard reader.skip(":") else { throw reader.failure("a colon is missing") }
            reader.skipWhitespace()
            let value = try reader.readValue()
            reader.skipWhitespace()
            guard let known = members.index(forKey: name) else {
                members[name] = value
                continue
            }
            guard !members[known].key.utf8.elementsEqual(name.utf8),
                others.updateValue(JSON.Entry(name: name, value: value), forKey: Array(name.utf8)) == nil
            else { throw reader.failure("the name \"\(name.prefix(80))\" occurs twice in one object") }
        } while reader.skip(",")
        guard reader.skip("}") else { throw reader.failure("an object is not closed") }
        return others.isEmpty ? .object(members) : .entries((JSON.object(members).entries ?? []) + others.values)
    }

    private static func readArray(_ reader: inout Self) throws(TransformerError) -> JSON {
        var elements: [JSON] = []
        guard !reader.skip("]") else { return .array(elements) }
        repeat {
            reader.skipWhitespace()
            elements.append(try reader.readValue())
            reader.skipWhitespace()
        } while reader.skip(",")
        guard reader.skip("]") else { throw reader.failure("an array is not closed") }
        return .array(elements)
    }

    private mutating func readWord(_ word: StaticString, _ value: JSON) throws(TransformerError) -> JSON {
        for offset in 0..<word.utf8CodeUnitCount {
            guard self.peek == word.utf8Start[offset] else { throw self.failure("a value is missing") }
            self.index += 1
        }
        return value
    }

    private mutating func readNumber() throws(TransformerError) -> JSON {
        let start = self.index
        _ = self.skip("-")
        let isZero = self.peek == UInt8(ascii: "0")
        let digits = self.skipDigits()
        guard digits > 0 else { throw self.failure("a value is missing") }
        guard digits == 1 || !isZero else { throw self.failure("a number starts with 0") }
        var isInteger = true
        if self.skip(".") {
            isInteger = false
            guard self.skipDigits() > 0 else { throw self.failure("a number ends in its point") }
        }
        if self.skip("e") || self.skip("E") {
            isInteger = false
            if !self.skip("+") { _ = self.skip("-") }
            guard self.skipDigits() > 0 else { throw self.failure("a number ends in its exponent") }
        }
        let text = String(decoding: self.bytes[start..<self.index], as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw self.failure("a number is out of range") }
        return .number(value)
    }

    private mutating func readString() throws(TransformerError) -> String {
        guard self.skip("\"") else { throw self.failure("a string is missing") }
        let start = self.index
        var unescaped: [UInt8]?
        while let byte = self.peek, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw self.failure("a string holds a control character") }
            if byte == UInt8(ascii: "\\") {
                if unescaped == nil { unescaped = Array(self.bytes[start..<self.index]) }
                self.index += 1
                unescaped?.append(contentsOf: Array(String(try self.readEscape()).utf8))
            } else {
                unescaped?.append(byte)
                self.index += 1
            }
        }
        let text =
            if let unescaped {
                String(validating: unescaped, as: UTF8.self)
            } else {
                String(validating: self.bytes[start..<self.index], as: UTF8.self)
            }
        guard self.skip("\"") else { throw self.failure("a string is not closed") }
        guard let text else { throw self.failure("a string is not UTF-8") }
        return text
    }

    /// What follows a backslash.
    private mutating func readEscape() throws(TransformerError) -> Unicode.Scalar {
        guard let byte = self.peek else { throw self.failure("a string is not closed") }
        self.index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try self.readHexadecimal()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            guard unit < 0xDC00, self.skip("\\"), self.skip("u") else { break }
            let low = try self.readHexadecimal()
            guard (0xDC00..<0xE000).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
            else { break }
            return scalar
        default: throw self.failure("a string holds an unknown escape")
        }
        throw self.failure("a string holds half a surrogate pair")
    }

    private mutating func readHexadecimal() throws(TransformerError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = self.peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw self.failure("a \\u escape needs four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            self.index += 1
        }
        return value
    }

    // MARK: - Bytes

    private var peek: UInt8? { self.index < self.bytes.count ? self.bytes[self.index] : nil }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard self.peek == UInt8(ascii: character) else { return false }
        self.index += 1
        return true
    }

    private mutating func skipDigits() -> Int {
        let start = self.index
        while let byte = self.peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { self.index += 1 }
        return self.index - start
    }

    private mutating func skipWhitespace() {
        while let byte = self.peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.index += 1 }
    }

    private func failure(_ reason: String) -> TransformerError {
        TransformerError(.malformed, "\(self.source) is not valid JSON: \(reason) at byte \(self.index).")
    }
}
