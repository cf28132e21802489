import Testing

@testable import TellerMessages

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws(JSONSyntaxError) -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    @Test(arguments: [
        ("null", JSONValue.null), (" true ", true), ("-0", .number("-0")), ("12.50", .number("12.50")), ("1e3", .number("1e3")),
        (#""a\n\u00e9\ud83d\ude00\/""#, "a\né😀/"), ("[1, [], {}]", [.number("1"), [], [:]]),
        (#"{"b":1,"a":{"c":null}}"#, ["b": .number("1"), "a": ["c": .null]]),
    ] as [(String, JSONValue)])
    func `a document of RFC 8259 is read as it is`(_ text: String, _ expected: JSONValue) throws {
        #expect(try self.parse(text) == expected)
    }

    @Test(arguments: [
        ("", .empty), ("  ", .empty), ("nul", .unexpectedEnd), ("nulL", .unexpectedByte), ("01", .trailingBytes), ("1 2", .trailingBytes),
        ("+1", .unexpectedByte), (".5", .unexpectedByte), ("1.", .unexpectedEnd), ("1.e3", .invalidNumber), ("1e", .unexpectedEnd),
        ("0x10", .trailingBytes), ("NaN", .unexpectedByte), ("-Infinity", .invalidNumber), ("'a'", .unexpectedByte),
        (#"{"a":1,}"#, .unexpectedByte), ("[1,]", .unexpectedByte), ("[1 2]", .unexpectedByte), ("{1:2}", .unexpectedByte),
        (#"{"a" 1}"#, .unexpectedByte), (#"{"a":1"#, .unexpectedEnd), (#""a"#, .unexpectedEnd), (#""\x""#, .invalidEscape),
        (#""\u12G4""#, .invalidEscape), (#""\u12"#, .unexpectedEnd), (#""\ud800""#, .loneSurrogate), (#""\ud800\u0041""#, .loneSurrogate),
        (#""\udc00\ud800""#, .loneSurrogate), (#""\u0000""#, .null), ("\"\u{1}\"", .controlCharacter), ("\"a\nb\"", .controlCharacter),
        (#"{"a":1,"a":2}"#, .duplicateName), (#"{"customer_id":1,"customer\u005fid":2}"#, .duplicateName),
        ("\u{FEFF}{}", .byteOrderMark), ("{} {}", .trailingBytes), ("//x\n1", .unexpectedByte), ("[1]\0", .trailingBytes),
    ] as [(String, JSONSyntaxError.Reason)])
    func `anything else is refused with the rule that it breaks`(_ text: String, _ reason: JSONSyntaxError.Reason) {
        let error = #expect(throws: JSONSyntaxError.self) { try self.parse(text) }
        #expect(error?.reason == reason)
    }

    @Test(arguments: [
        [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE4, 0xB8], [0x80], [0xFF],
    ] as [[UInt8]])
    func `bytes that are not UTF-8 are refused in a string`(_ bytes: [UInt8]) {
        let document = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: document) }
        #expect(error?.reason == .invalidUTF8)
    }

    @Test func `nesting is limited, whatever its depth`() throws {
        _ = try self.parse(String(repeating: "[", count: 32) + String(repeating: "]", count: 32))
        for depth in [33, 1000, 30_000] {
            let error = #expect(throws: JSONSyntaxError.self) { try self.parse(String(repeating: "[", count: depth)) }
            #expect(error?.reason == .tooDeep)
        }
    }

    @Test func `size and the length of numbers are limited`() {
        let large = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: Array(repeating: 0x20, count: 65_537)) }
        #expect(large?.reason == .tooLarge)
        let long = #expect(throws: JSONSyntaxError.self) { try self.parse(String(repeating: "1", count: 65)) }
        #expect(long?.reason == .numberTooLong)
    }

    @Test func `what is written reads back as itself, and is the same each time`() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let value = JSONValue.random(depth: 4, using: &generator)
            #expect(try JSONValue(parsing: value.serialized, maximumSize: 1 << 24) == value)
            #expect(value.serialized == value.serialized)
        }
    }
}

extension JSONValue {
    /// Any document, with texts full of what must be escaped.
    fileprivate static func random<Generator: RandomNumberGenerator>(depth: Int, using generator: inout Generator) -> JSONValue {
        switch Int.random(in: 0...(depth == 0 ? 3 : 5), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .integer(Int.random(in: -1_000_000...1_000_000, using: &generator))
        case 3: return .string(Self.randomText(using: &generator))
        case 4: return .array((0..<3).map { _ in .random(depth: depth - 1, using: &generator) })
        default:
            var object = JSONObject()
            for index in 0..<3 {
                object["\(index)" + Self.randomText(using: &generator)] = .random(depth: depth - 1, using: &generator)
            }
            return .object(object)
        }
    }

    private static func randomText<Generator: RandomNumberGenerator>(using generator: inout Generator) -> String {
        let pieces = ["\"", "\\", "\n", "\t", "\u{1}", "é", "中", "😀", "a", "\u{7F}", "/"]
        return (0..<Int.random(in: 0...8, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
    }
}
