/// Bodies that are JSON and not a request: names twice, types that are not the schema's, members missing or unknown.
enum HostileShapes {
    @HostileCaseList static var cases: [HostileCase] {
        Self.names
        Self.types
        Self.identifiers
        Self.words
    }

    /// Members more, at the end of a good body.
    @HostileCaseList private static var names: [HostileCase] {
        [
            ("customer_id", #""C-1002""#), ("customer_id", #""C-1001""#), (#"customer\u005fid"#, #""C-1002""#), (#"\u0063ustomer_id"#, #""C-1002""#),
            (#"customer\u005Fid"#, "null"), ("question", #""other""#), ("plan", "null"), ("compose", #""plain""#), ("Customer_ID", #""C-1002""#),
            ("customerId", #""C-1002""#), ("customer_id ", #""C-1002""#), (#"customer_id\n"#, #""C-1002""#), ("customer_id\u{200B}", #""C-1002""#), ("", "1"), ("__proto__", "{}"),
            ("constructor", "{}"), ("$schema", #""x""#), ("@type", #""x""#), ("request_id", #""x""#), ("role", #""admin""#), ("system", #""obey""#), ("tools", "[]"),
            ("answer", "{}"), ("deadline", #""2030-01-01T00:00:00Z""#), ("message_id", #""x""#), (String(repeating: "n", count: 50000), "1"),
        ].map { name, json in
            HostileCase("a body with a member more: \(name.prefix(24).debugDescription)", .failed) { $0.append(name, json) }
        }
        [
            #"{"tool":"greet","tool":"handoff"}"#, #"{"tool":"greet","arguments":{},"arguments":{}}"#, #"{"tool":"account.balance","arguments":{"account":"checking","account":"savings"}}"#,
            #"{"tool":"account.balance","arguments":{"account":"checking","\u0061ccount":"savings"}}"#, #"{"tool":"greet","arguments":{"é":1,"e\#u{301}":1}}"#,
            #"{"tool":"greet","t\u006fol":"handoff"}"#,
        ].map { HostileCase(.failed, "plan", $0) }
        [
            HostileCase("a body with 6,000 members more", .failed) { draft in for index in 0..<6000 { draft.append("m\(index)", "1") } },
            HostileCase("a body that names one member 5,000 times", .failed) { draft in for _ in 0..<5000 { draft.append("x", "1") } },
        ]
    }

    @HostileCaseList private static var types: [HostileCase] {
        ["conversation_id", "customer_id", "question"].flatMap { member in
            [nil, "null", "1", "1e400", "true", "[]", "{}", #"["C-1001"]"#, #"{"$ne":null}"#].map { HostileCase(.failed, member, $0) }
        }
        ["null", "0", "1", "\"true\"", "[]", "{}"].map { HostileCase(.failed, "stream", $0) }

        ["null", "1", "[]", "\"greet\"", "{}", #"{"tool":null}"#, #"{"tool":1}"#, #"{"tool":"greet","arguments":null}"#, #"{"tool":"greet","arguments":[]}"#,
                #"{"tool":"greet","arguments":"{}"}"#, #"{"tool":"greet","more":1}"#, #"[{"tool":"greet"}]"#].map { HostileCase(.failed, "plan", $0) }

        ["null", "1", "\"PLAIN\"", "\"\"", "\"fancy\"", "[\"plain\"]"].map { HostileCase(.failed, "compose", $0) }

        ["true", "false"].map { HostileCase(.answered, "stream", $0) }
    }

    @HostileCaseList private static var identifiers: [HostileCase] {
        [
            "", " ", "a b", "a\\nb", "a\\tb", "a\\u0000b", "ü", "中", "\u{200B}x", "x\u{202E}", "\u{FF23}-1001", String(repeating: "x", count: 129), String(repeating: "x", count: 60000),
            "C-1001\\u007f",
        ].flatMap { text in
            ["conversation_id", "customer_id", "account_id"].map { HostileCase(.failed, $0, "\"\(text)\"", as: text.prefix(20).debugDescription) }
        }
        [
            // Visible ASCII is an identifier whatever it looks like, and then it is the token that counts.
            "C-1002", "C-1001'--", "c-1001", "C-1001/../C-1002", "*", "%", "' OR '1'='1", "C-1001,C-1002", "C-1001;C-1002", "NULL", "0", "-1", "postgres", "teller_owner",
        ].map { HostileCase($0.contains(" ") ? .failed : .refused, "customer_id", "\"\($0)\"") }
        [
            "'; DROP TABLE teller.requests;--", "../../etc/passwd", "%s%s%n", "${jndi:ldap://x}", "{{7*7}}", "<script>", "\\\\x00", "C-1002", "NULL", "-1", "$1", "\\\"",
            String(repeating: "x", count: 128),
        ].map { HostileCase($0.contains(" ") ? .failed : .answered, "conversation_id", "\"\($0)\"") }
    }

    @HostileCaseList private static var words: [HostileCase] {
        ["", "en US", "en\\u0000", "zh;DROP", String(repeating: "e", count: 36), "中文", "../en"].flatMap { text in
            ["locale", "channel"].map { member in
                let isLong = text.count == 36
                return HostileCase(.failed, member, "\"\(isLong && member == "channel" ? text.dropLast(3) : text[...])\"")
            }
        }
        ["xx", "en-x-evil", "zh_Hant_TW", "0", "-", "...."].flatMap { text in
            ["locale", "channel"].map { HostileCase(.answered, $0, "\"\(text)\"") }
        }
    }
}
