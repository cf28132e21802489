/// Numbers that JSON does not know, and numbers that nothing should be asked to hold.
enum HostileNumbers {
    @HostileCaseList static var cases: [HostileCase] {
        Self.written.map { outcome, number in
            HostileCase("a count is \(number.count > 40 ? "\(number.count) characters long" : number)", outcome) {
                $0[member: "plan"] = #"{"tool":"transactions.search","arguments":{"count":\#(number)}}"#
            }
        }
        Self.amounts.map { outcome, amount in
            HostileCase("an amount is \(amount.count > 40 ? "\(amount.count) characters long" : amount)", outcome) {
                $0[member: "plan"] = #"{"tool":"transactions.search","arguments":{"min":\#(amount)}}"#
            }
        }
    }

    private static let written: [(HostileCase.Outcome, String)] = [
        (.failed, "01"), (.failed, "-01"), (.failed, "+1"), (.failed, ".5"), (.failed, "1."), (.failed, "1.e3"), (.failed, "1e"), (.failed, "1e+"),
        (.failed, "--1"), (.failed, "1-1"), (.failed, "1_000"), (.failed, "1,000"), (.failed, "0x10"), (.failed, "0b1"), (.failed, "0o7"), (.failed, "1f"),
        (.failed, "NaN"), (.failed, "Infinity"), (.failed, "-Infinity"), (.failed, "nan"), (.failed, "1e1.5"), (.failed, "１２"), (.failed, "٣"), (.failed, "½"),
        (.failed, "1e400"), (.failed, "1E+400"), (.failed, "-1e400"), (.failed, "1e-400"), (.failed, "1e999999999999999999"), (.failed, "1e-999999999999999999"),
        (.failed, "0"), (.failed, "-0"), (.failed, "-1"), (.failed, "366"), (.failed, "1.5"), (.failed, "9223372036854775807"), (.failed, "9223372036854775808"),
        (.failed, "-9223372036854775809"), (.failed, "18446744073709551616"), (.failed, String(repeating: "9", count: 38)),
        (.failed, String(repeating: "9", count: 39)), (.failed, String(repeating: "9", count: 64)), (.failed, String(repeating: "9", count: 65)),
        (.failed, String(repeating: "9", count: 5000)), (.failed, "0." + String(repeating: "0", count: 62) + "1"), (.failed, "1" + String(repeating: "0", count: 60000)),
        (.failed, "\"\""), (.failed, "\" \""), (.failed, "\"-1\""), (.failed, "\"1e400\""), (.failed, "\"0x10\""), (.failed, "\"NaN\""),
        (.failed, "\"\(String(repeating: "9", count: 60000))\""), (.failed, "true"), (.failed, "[1]"), (.failed, #"{"$numberLong":"1"}"#),
        (.answered, "1"), (.answered, "365"), (.answered, "\"7\""), (.answered, "null"),
    ]

    private static let amounts: [(HostileCase.Outcome, String)] = [
        (.failed, "-5"), (.failed, "1e400"), (.failed, "\"1e400\""), (.failed, "\"-$5\""), (.failed, "\"\(String(repeating: "亿", count: 400))\""),
        (.failed, "\"\(String(repeating: "million ", count: 400))\""), (.failed, "\"\(String(repeating: "1", count: 400))k\""), (.failed, "\"1.2.3.4\""),
        (.failed, "\"½½\""), (.failed, "\"$\""), (.failed, "[]"), (.answered, "\"15k\""), (.answered, "\"两千\""), (.answered, "0.01"),
    ]
}
