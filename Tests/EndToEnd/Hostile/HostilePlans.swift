/// Given plans that no tool should carry out, and texts that only a careless query would take for SQL.
enum HostilePlans {
    @HostileCaseList static var cases: [HostileCase] {
        Self.tools
        Self.texts
        Self.periods
        Self.accounts
    }

    @HostileCaseList private static var tools: [HostileCase] {
        [
            "", "accounts.drop", "ACCOUNT.BALANCE", "account.balance ", "account.balance\\u0000", "account.balance\\n", "../account.balance", "account.balance;greet",
            "account.balаnce", "__proto__", "system", "shell.exec", "SELECT 1", String(repeating: "t", count: 65), "teller.audit", "*",
        ].map { HostileCase(.failed, "plan", #"{"tool":"\#($0)"}"#) }
        [
            #"{"tool":"account.balance","arguments":{"customer":"C-1002"}}"#, #"{"tool":"account.balance","arguments":{"customer_id":"C-1002"}}"#,
            #"{"tool":"account.balance","arguments":{"account":"checking' OR '1'='1"}}"#, #"{"tool":"account.balance","arguments":{"account":["checking"]}}"#,
            #"{"tool":"account.balance","arguments":{"sql":"SELECT 1"}}"#, #"{"tool":"greet","arguments":{"to":"all"}}"#,
        ].map { HostileCase(.failed, "plan", $0) }
    }

    @HostileCaseList private static var texts: [HostileCase] {
        [
            (.answered, "' OR '1'='1"), (.answered, "' OR 1=1 --"), (.answered, "' UNION SELECT body FROM teller.answers --"), (.answered, "%"), (.answered, "_"), (.answered, "%%%%%%"),
            (.answered, #"\\"#), (.answered, #"\\'"#), (.answered, "$$"), (.answered, "$1"), (.answered, "E'\\\\000'"), (.answered, "{}"), (.answered, "NULL"), (.answered, "\\\""),
            (.answered, "pg_sleep(10)"), (.answered, "Netflix' AND pg_sleep(10) IS NULL AND 'a'='a"), (.answered, "/* */"), (.answered, "<img src=x>"), (.answered, "😀"), (.answered, "e\u{301}"),
            (.answered, String(repeating: "%", count: 64)), (.answered, String(repeating: "\u{301}", count: 64)), (.failed, "'; DROP TABLE ledger.accounts; --"),
            (.failed, "\\u0000"), (.failed, "a\\nb"), (.failed, "\u{202E}x"), (.failed, "\u{200B}"), (.failed, "\u{2028}"), (.failed, "\u{E000}"), (.failed, ""), (.failed, "  "),
            (.failed, String(repeating: "x", count: 65)),
        ].flatMap { (outcome: HostileCase.Outcome, text: String) in
            ["merchant", "text"].map { argument in
                HostileCase(outcome, "plan", #"{"tool":"transactions.search","arguments":{"\#(argument)":"\#(text)"}}"#)
            }
        }
    }

    @HostileCaseList private static var periods: [HostileCase] {
        [
            (.answered, "last_365_months"), (.answered, "last_365_days"), (.answered, "m12"), (.failed, "last_0_days"), (.failed, "last_366_days"), (.failed, "last_-1_days"),
            (.failed, "last_99999999999999999999_months"), (.failed, "m00"), (.failed, "m13"), (.failed, "last_1e9_days"), (.failed, "today; DROP"), (.failed, "1970-01-01/9999-12-31"),
            (.failed, "Last_Month"), (.failed, ""),
        ].map { HostileCase($0, "plan", #"{"tool":"spending.summary","arguments":{"period":"\#($1)"}}"#) }
    }

    /// Accounts that are not the customer's.
    @HostileCaseList private static var accounts: [HostileCase] {
        ["A-1002", "A-1002-1", "A-1001'--", "'OR'1'='1", "*", "%", "A-100_"].map { HostileCase(.answered, "account_id", "\"\($0)\"") }
    }
}
