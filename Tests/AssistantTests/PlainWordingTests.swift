import Finance
import Foundation
import Ledger
import TellerMessages
import Testing

@testable import Assistant

@Suite struct PlainWordingTests {
    @Test func `one balance is a sentence`() throws {
        #expect(
            try Sample.balance(.english, of: .checking).plainWording
                == "As of Nov 25, 2026, your Everyday Checking ••4821 has a balance of $3,456.78, with $3,400.12 available."
        )
        #expect(
            try Sample.balance(.english, of: .credit).plainWording
                == "As of Nov 25, 2026, your Rewards Card ••1177 has a balance of -$642.19, with $4,357.81 available; its limit is $5,000.00."
        )
        #expect(
            try Sample.balance(.chinese, of: .credit).plainWording
                == "截至2026年11月25日，您的白金信用卡 ••1177余额为-642.19元，可用4,357.81元，额度5,000.00元。")
    }

    @Test func `several balances are a list with a total`() throws {
        #expect(
            try Sample.balance(.english).plainWording == """
                As of Nov 25, 2026, your balances are:
                Everyday Checking ••4821: $3,456.78
                High-Yield Savings ••9035: $21,000.00
                Rewards Card ••1177: -$642.19
                Total: $23,814.59
                """)
        #expect(
            try Sample.balance(.chinese).plainWording == """
                截至2026年11月25日，您的账户余额如下：
                工资卡 ••4821：3,456.78元
                定期储蓄 ••9035：21,000.00元
                白金信用卡 ••1177：-642.19元
                合计：23,814.59元
                """)
    }

    @Test func `no account of a kind is said so`() throws {
        #expect(try Sample.balance(.english, of: .loan).plainWording == "I found no loan account in your name.")
        #expect(try Sample.balance(.chinese, of: .loan).plainWording == "没有找到您名下的贷款账户。")
    }

    @Test func `accounts are counted and listed`() throws {
        #expect(
            try Sample.list(.english).plainWording == """
                You have 3 accounts:
                Everyday Checking ••4821: $3,456.78
                High-Yield Savings ••9035: $21,000.00
                Rewards Card ••1177: -$642.19
                """)
        #expect(try Sample.list(.chinese).plainWording.hasPrefix("您有3个账户：\n工资卡 ••4821：3,456.78元\n"))
    }

    @Test func `transactions are listed with their scope and total`() throws {
        #expect(
            try Sample.search(.english, ["period": "last_30_days"]).plainWording == """
                I found 3 transactions in the last 30 days (Oct 27 – Nov 25, 2026), $4,018.96 in total:
                Nov 22, 2026, Netflix: -$15.49
                Nov 5, 2026, 7-Eleven: -$86.30
                Oct 31, 2026, PAYROLL ACME CORP: $4,120.75
                """)
        #expect(
            try Sample.search(.chinese, ["merchant": "奈飞", "period": "last_month"], count: 40).plainWording == """
                找到40笔上个月（2026年10月1日至10月31日）与奈飞有关的交易，合计4,018.96元，最近的是：
                2026年11月22日 Netflix：-15.49元
                2026年11月5日 7-Eleven：-86.30元
                2026年10月31日 PAYROLL ACME CORP：4,120.75元
                """)
    }

    @Test func `nothing found names what was looked for`() throws {
        let arguments: JSONObject = [
            "account": "savings", "merchant": "Netflix", "category": "dining", "text": "gym", "min": "900", "max": "15",
            "period": "m10",
        ]
        #expect(
            try Sample.search(.english, arguments, rows: []).plainWording
                == "I found no dining transactions with Netflix matching “gym” in your savings account of at least 15 and at most 900 in "
                + "October (Oct 1 – Oct 31, 2026).")
        #expect(
            try Sample.search(.chinese, arguments, rows: []).plainWording
                == "没有找到10月（2026年10月1日至10月31日）储蓄账户中不低于15、不超过900、与Netflix有关的含“gym”的餐饮交易。")
        #expect(try Sample.search(.english, rows: []).plainWording == "I found no transactions.")
        #expect(try Sample.search(.chinese, rows: []).plainWording == "没有找到交易。")
    }

    @Test func `spending with a merchant or in a category is a sentence`() throws {
        #expect(
            try Sample.spending(.english, ["merchant": "Netflix", "period": "last_month"]).plainWording
                == "You spent $246.40 at Netflix last month (Oct 1 – Oct 31, 2026), in 4 transactions.")
        #expect(
            try Sample.spending(.english, ["category": "dining"], count: 1).plainWording
                == "You spent $246.40 on dining this month (Nov 1 – Nov 25, 2026), in 1 transaction.")
        #expect(
            try Sample.spending(.chinese, ["category": "dining", "period": "last_month"]).plainWording
                == "上个月（2026年10月1日至10月31日）您的餐饮支出共246.40元，共4笔。")
        #expect(
            try Sample.spending(.english, ["merchant": "Hulu", "period": "today"], count: 0, sum: "0").plainWording
                == "I found no spending at Hulu today (Nov 25, 2026).")
        #expect(
            try Sample.spending(.chinese, ["merchant": "Hulu", "period": "today"], count: 0, sum: "0").plainWording
                == "今天（2026年11月25日）没有找到您在Hulu支出。")
    }

    @Test func `spending in all is a list of categories`() throws {
        let findings = try Sample.breakdown(.english, [(.rent, "1800"), (.dining, "320.5"), (.other, "12.01")])
        #expect(
            findings.plainWording == """
                You spent $2,132.51 in total last month (Oct 1 – Oct 31, 2026). The largest categories:
                rent: $1,800.00
                dining: $320.50
                other: $12.01
                """)
        #expect(
            try Sample.breakdown(.english, []).plainWording == "I found no spending last month (Oct 1 – Oct 31, 2026).")
        #expect(try Sample.breakdown(.chinese, []).plainWording == "上个月（2026年10月1日至10月31日）没有找到支出的记录。")
    }

    @Test func `an article is quoted with its title`() throws {
        #expect(try Sample.knowledge(.english).plainWording.hasSuffix("under 5%.\nSource: Overdraft fees"))
        #expect(try Sample.knowledge(.chinese).plainWording.hasSuffix("低于5%的部分不收费。\n来源：《透支费用》"))
        #expect(
            try Sample.knowledge(.english).sheet.disclosures == ["This is general information, not personal advice."])
        let nothing = KnowledgeSearch.sheet(nil, for: "x", phrasebook: Phrasebook(language: .english))
        let arguments = ToolArguments(validated: ToolCall(tool: "knowledge.search"))
        #expect(
            KnowledgeSearch().plainWording(of: nothing, for: arguments, in: .english).hasPrefix(
                "I have no article on that."))
    }

    @Test(arguments: Language.allCases)
    func `fixed texts differ by what they answer and speak the customer's language`(language: Language) throws {
        var texts: [String] = [try Sample.findings(ToolCall(tool: "greet"), language) { _ in FactSheet() }.plainWording]
        for (tool, name) in [("clarify", "about"), ("handoff", "reason")] {
            let argument = try #require(try Toolbox.standard.tool(named: tool).arguments.first { $0.name == name })
            guard case .choice(let words) = argument.kind else { continue }
            for word in words {
                let call = ToolCall(tool: tool, arguments: JSONObject(dictionaryLiteral: (name, .string(word))))
                texts.append(try Sample.findings(call, language) { _ in FactSheet() }.plainWording)
            }
        }
        #expect(texts.count == 12 && Set(texts).count == 12)
        #expect(texts.allSatisfy { Language(of: $0) == language })
    }

    @Test(arguments: Language.allCases)
    func `another currency is never written like the customer's own`(language: Language) throws {
        let phrasebook = Phrasebook(language: language)
        let codes = ["USD", "CNY", "HKD", "EUR", "GBP", "JPY", "CHF"]
        let written = codes.compactMap { Currency(code: $0) }.map { phrasebook.money(Money(-1234, $0)) }
        #expect(Set(written).count == codes.count)
        #expect(written.allSatisfy { $0.hasPrefix("-") && $0.contains("1,234") })
    }

    @Test func `a hostile name stays one line of plain text`() {
        let name = Phrasebook(language: .english).name(
            "Pay\nbalance: $9,999,999\u{202E} https://evil.example/x\u{0} \u{200B}now "
                + String(repeating: "a", count: 90))
        #expect(!name.contains("\n") && !name.contains("://") && name.unicodeScalars.allSatisfy(\.isPlain))
        #expect(name.unicodeScalars.count == 48 && name.hasSuffix("…"))
        #expect(Phrasebook(language: .english).name("\u{200B}\n") == "–")
    }
}
