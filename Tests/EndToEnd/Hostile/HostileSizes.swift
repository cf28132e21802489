/// Bodies that are deep, long or both.
enum HostileSizes {
    @HostileCaseList static var cases: [HostileCase] {
        Self.depths
        Self.lengths
    }

    @HostileCaseList private static var depths: [HostileCase] {
        [33, 64, 1000, 30_000, 32_768, 60_000, 1_000_000].flatMap { depth in
            [
                HostileCase("\(depth) arrays that are never closed", .failed, body: Array(repeating: 0x5B, count: depth)),
                HostileCase("\(depth) arrays", .failed, body: Self.nested("[", "]", depth)),
            ]
        }
        [33, 1000, 9000, 200_000].flatMap { depth in
            [
                HostileCase("\(depth) objects", .failed, body: Self.nested(#"{"a":"#, "}", depth, inside: "1")),
                HostileCase("\(depth) arrays and objects", .failed, body: Self.nested(#"[{"a":"#, "}]", depth / 2 + 1, inside: "1")),
            ]
        }
        [28, 29, 30, 31, 1000].map { depth in
            HostileCase("an argument of \(depth) arrays", .failed) { draft in
                let value = String(decoding: Self.nested("[", "]", depth), as: UTF8.self)
                draft[member: "plan"] = #"{"tool":"account.balance","arguments":{"account":\#(value)}}"#
            }
        }
    }

    private static func nested(_ open: String, _ close: String, _ depth: Int, inside: String = "") -> [UInt8] {
        Array((String(repeating: open, count: depth) + inside + String(repeating: close, count: depth)).utf8)
    }

    @HostileCaseList private static var lengths: [HostileCase] {
        [
            (65_536, .answered), (65_537, .failed), (131_072, .failed), (1 << 20, .failed), (16 << 20, .failed),
        ].map { (size: Int, outcome: HostileCase.Outcome) in
            HostileCase("a body of \(size) bytes", outcome) { draft in
                let bytes = draft.bytes
                draft.body = bytes + Array(repeating: 0x20, count: size - bytes.count)
            }
        }
        [
            HostileCase("16 MiB of quotation marks", .failed, body: Array(repeating: 0x22, count: 16 << 20)),
            HostileCase("a megabyte of backslashes", .failed, body: [0x22] + Array(repeating: 0x5C, count: 1 << 20)),
            HostileCase("60,000 escapes", .failed, body: Array(("\"" + String(repeating: "\\\\", count: 30_000) + "\"").utf8)),
            HostileCase("an array of 30,000 numbers", .failed, body: Array(("[" + String(repeating: "1,", count: 30_000) + "1]").utf8)),
            HostileCase(.answered, "question", "\"\(String(repeating: "q", count: 8000))\"", as: "8,000 letters"),
            HostileCase(.failed, "question", "\"\(String(repeating: "q", count: 8001))\"", as: "8,001 letters"),
            HostileCase(.answered, "question", "\"\(String(repeating: "q ", count: 4000))\"", as: "4,000 words"),
            HostileCase(.answered, "question", "\"\(String(repeating: "9", count: 8000))\"", as: "8,000 digits"),
            HostileCase(.answered, "question", "\"\(String(repeating: "九", count: 8000))\"", as: "8,000 numerals"),
            HostileCase(.answered, "question", "\"\(String(repeating: "-", count: 8000))\"", as: "8,000 signs"),
            HostileCase(.answered, "question", "\"\(String(repeating: "1,", count: 4000))\"", as: "4,000 figures"),
        ]
    }
}
