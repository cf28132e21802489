import Foundation

/// Bodies that are not one JSON document in UTF-8, and some that are in spite of their looks.
enum HostileFraming {
    @HostileCaseList static var cases: [HostileCase] {
        Self.texts
        Self.wrapped
    }

    /// Whole bodies as text.
    @HostileCaseList private static var texts: [HostileCase] {
        [
            "", " ", "\n", "\0", "{", "}", "[", "\"", "\"a", "{}", "[]", "[{}]", "null", "true", "false", "0", "-", "\"text\"", "nul", "undefined",
            "NaN", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{,}", "{\"a\":1,}", "[1,]", "[,1]", "{a:1}", "{'a':1}", "{1:1}",
            "{\"a\";1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1}}", "[1]]", "// {}", "/* */ {}", "# comment", "callback({});", ")]}',\n{}",
            "<request/>", "<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>", "a=1&b=2", "--- \na: 1\n",
            "eyJhIjoxfQ==", "%7B%7D", "\u{1E}{}", "\u{C}{}", "\u{A0}{}", "\u{2028}{}", "\u{FEFF}",
        ].map { text in HostileCase("the body is \(text.debugDescription)", .failed, body: Array(text.utf8)) }
    }

    /// What stands before, after or instead of a good body's bytes.
    private typealias Wrapping = @Sendable ([UInt8]) -> [UInt8]
    private static let wrappings: [(String, HostileCase.Outcome, Wrapping)] = [
        ("after a byte order mark", .failed, { [0xEF, 0xBB, 0xBF] + $0 }), ("in UTF-16, little end first", .failed, { Self.utf16($0, isBigEndian: false) }),
        ("in UTF-16, big end first", .failed, { Self.utf16($0, isBigEndian: true) }),
        ("in UTF-16 after its mark", .failed, { [0xFF, 0xFE] + Self.utf16($0, isBigEndian: false) }),
        ("in UTF-32", .failed, { $0.flatMap { [$0, 0, 0, 0] } }), ("twice", .failed, { $0 + $0 }), ("twice, on two lines", .failed, { $0 + [10] + $0 }),
        ("in an array", .failed, { [0x5B] + $0 + [0x5D] }), ("as a string of JSON", .failed, { Array("\"\(Data($0).base64EncodedString())\"".utf8) }),
        ("before a NUL", .failed, { $0 + [0] }), ("after a NUL", .failed, { [0] + $0 }), ("before many NULs", .failed, { $0 + Array(repeating: 0, count: 4096) }),
        ("without its last byte", .failed, { Array($0.dropLast()) }), ("without its first byte", .failed, { Array($0.dropFirst()) }),
        ("before a comma", .failed, { $0 + Array(",".utf8) }), ("before text", .failed, { $0 + Array(" and more".utf8) }),
        ("after the head of gzip", .failed, { [0x1F, 0x8B, 8, 0, 0, 0, 0, 0] + $0 }), ("after the head of MessagePack", .failed, { [0x82] + $0 }),
        ("before a vertical tab", .failed, { $0 + [0x0B] }), ("in the middle of white space", .answered, { Array(" \t\r\n".utf8) + $0 + Array("\n\r\t ".utf8) }),
        ("before a line break", .answered, { $0 + [10] }),
    ]

    private static var wrapped: [HostileCase] {
        Self.wrappings.map { name, outcome, wrap in HostileCase("a good body \(name)", outcome) { $0.body = wrap($0.bytes) } }
    }

    private static func utf16(_ ascii: [UInt8], isBigEndian: Bool) -> [UInt8] { ascii.flatMap { isBigEndian ? [0, $0] : [$0, 0] } }
}
