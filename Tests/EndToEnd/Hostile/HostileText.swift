/// Texts that are not UTF-8, or whose escapes are not JSON's, or that hold what a text must not.
enum HostileText {
    @HostileCaseList static var cases: [HostileCase] {
        Self.encodings
        Self.escapes
        Self.scalars
    }

    /// Bytes in the middle of the question. Sources: RFC 3629, and the Unicode Standard's table of well-formed sequences.
    @HostileCaseList private static var encodings: [HostileCase] {
        [
            ("an overlong slash of two bytes", [0xC0, 0xAF]), ("of three bytes", [0xE0, 0x80, 0xAF]), ("of four bytes", [0xF0, 0x80, 0x80, 0xAF]),
            ("an overlong NUL", [0xC0, 0x80]), ("an overlong NUL of three bytes", [0xE0, 0x80, 0x80]), ("an overlong DEL", [0xC1, 0xBF]),
            ("an overlong U+07FF", [0xE0, 0x9F, 0xBF]), ("an overlong U+FFFF", [0xF0, 0x8F, 0xBF, 0xBF]), ("the surrogate U+D800", [0xED, 0xA0, 0x80]),
            ("the surrogate U+DFFF", [0xED, 0xBF, 0xBF]), ("a pair of surrogates", [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80]),
            ("U+110000", [0xF4, 0x90, 0x80, 0x80]), ("U+13FFFF", [0xF4, 0xBF, 0xBF, 0xBF]), ("a sequence of five bytes", [0xF8, 0x88, 0x80, 0x80, 0x80]),
            ("a sequence of six bytes", [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80]), ("F5", [0xF5, 0x80, 0x80, 0x80]), ("FE", [0xFE]), ("FF", [0xFF]),
            ("a continuation alone", [0x80]), ("the last continuation alone", [0xBF]), ("a sequence cut after one of two", [0xC3]),
            ("cut after one of three", [0xE4]), ("cut after two of three", [0xE4, 0xB8]), ("cut after three of four", [0xF0, 0x9F, 0x98]),
            ("a letter of Latin-1", [0xE9]), ("text of GBK", [0xD3, 0xE0, 0xB6, 0xEE]), ("text of Shift JIS", [0x8E, 0x63, 0x8D, 0x82]),
            ("a continuation too many", [0xC3, 0xA9, 0xA9]),
        ].flatMap { (name: String, bytes: [UInt8]) in
            [HostileCase("the question holds \(name)", .failed) { $0.body = Self.splice(bytes, into: $0.json, at: "balance") }]
        }
        ["conversation_id", "account.balance", "checking"].map { place in
            HostileCase("\(place) holds a byte that is not UTF-8", .failed) { $0.body = Self.splice([0xC3], into: $0.json, at: place) }
        }
    }

    private static func splice(_ bytes: [UInt8], into json: String, at place: String) -> [UInt8] {
        let parts = json.split(separator: place, maxSplits: 1, omittingEmptySubsequences: false)
        return Array(parts[0].utf8) + Array(place.utf8.prefix(3)) + bytes + Array(place.utf8.dropFirst(3)) + Array((parts.last ?? "").utf8)
    }

    /// The question as it stands between quotes.
    @HostileCaseList private static var escapes: [HostileCase] {
        [
            #"\u0000"#, #"a\u0000b"#, #"\ud800"#, #"\udfff"#, #"\ud800\ud800"#, #"\udc00\ud800"#, #"\ud83dx"#, #"\ud83d\u0041"#, #"\ud83d\n"#, #"\ud83d"#,
            #"\u"#, #"\u1"#, #"\u12"#, #"\u123"#, #"\u12G4"#, #"\u+123"#, #"\u 123"#, #"\U0001F600"#, #"\u{1F600}"#, #"\x41"#, #"\'"#, #"\a"#, #"\v"#, #"\0"#,
            #"\101"#, #"\ "#, "\\\n", "\\\u{E9}", "a\nb", "a\tb", "a\rb", "a\u{1}b", "a\u{1F}b",
        ].map { HostileCase(.failed, "question", "\"\($0)\"", as: $0.debugDescription) }
    }

    /// Characters that JSON allows.
    private static let questions: [(HostileCase.Outcome, String)] = [
        (.failed, #"a\u0001b"#), (.failed, #"\u0007"#), (.failed, #"\u001b[31mred"#), (.failed, #"a\u007fb"#), (.failed, #"a\u0085b"#), (.failed, #"a\u009bb"#),
        (.failed, #"a\bb"#), (.failed, #"a\fb"#), (.failed, ""), (.failed, "   "), (.failed, #"\n\t\r"#), (.failed, "\u{2003}\u{3000}"),
        (.answered, #"caf\u00e9 \ud83d\ude00 \/ \\ \" \n \t"#), (.answered, "\u{FFFE}\u{FFFF}\u{10FFFF}"), (.answered, "\u{FFFD}"), (.answered, "e\u{301}"),
        (.answered, "\u{202E}ecnalab ym si tahW\u{202C}"), (.answered, "\u{2066}a\u{2067}b\u{2069}"), (.answered, "my\u{200B}bal\u{200D}ance\u{FEFF}"),
        (.answered, "hello\u{E0048}\u{E0049}\u{E007F}"), (.answered, "\u{FE0F}\u{FE0E}x"), (.answered, "\u{212A}\u{2126}\u{FB01}\u{1E9B}\u{323}"),
        (.answered, "\u{AD}\u{2028}\u{2029}x"), (.answered, "\u{F900}\u{2F81A}"), (.answered, "\u{E000}\u{F0000}"),
        (.answered, "a" + String(repeating: "\u{301}", count: 5000)), (.answered, String(repeating: "\u{301}\u{316}", count: 3900)),
        (.failed, String(repeating: "\u{301}\u{316}\u{345}", count: 9000)), (.answered, String(repeating: "\u{1100}\u{1161}\u{11A8}", count: 2600)),
        (.answered, String(repeating: "\u{FDFA}", count: 7900)), (.answered, String(repeating: "👨‍👩‍👧‍👦", count: 1100)),
        (.answered, String(repeating: "\u{202E}", count: 3000) + "x"), (.answered, String(repeating: "啊", count: 8000)), (.failed, String(repeating: "啊", count: 8001)),
    ]

    private static var scalars: [HostileCase] {
        Self.questions.map { outcome, text in
            let name = text.unicodeScalars.prefix(6).map { String($0.value, radix: 16) }.joined(separator: " ")
            return HostileCase(outcome, "question", "\"\(text)\"", as: "\(text.unicodeScalars.count) characters: \(name) …")
        }
    }
}
