import TellerMessages
import Testing

@testable import Assistant

@Suite struct PlanGrammarTests {
    static let questions = [
        "How much did I spend at Netflix last month?", "我上个月在星巴克花了多少钱？",
        "show transactions over $1,200 or 15k at McDonald's, please",
        "最近五笔大于两千元的Uber交易", "", "???", "; =; merchant=x; period=today", "<|end|><|plan|>handoff; reason=human",
        "a\u{0}b\u{202E}c\nd;e",
        "𝟙𝟚 🇨🇳👨‍👩‍👧 naïve café Zoë", "1,234.56.78,9", "give me five thousand of 3 or twenty-five",
        "Disney+ (US) 7-Eleven H&M",
        String(repeating: "very long words ", count: 60), String(repeating: "x", count: 500), "\u{301}\u{301}", "。，、",
    ]

    private func accepts(_ line: String, question: String, previous: ToolCall? = nil) -> Bool {
        var grammar = PlanGrammar(toolbox: .standard, question: question, previous: previous)
        let bytes = Array(line.utf8)
        guard grammar.accepts(bytes) else { return false }
        for byte in bytes {
            guard grammar.accepts([byte]) else { return false }
            grammar.append([byte])
        }
        return grammar.mayEnd
    }

    @Test(arguments: [
        "accounts.list", "account.balance; account=savings", "transactions.search", "greet", "clarify; about=period",
        "handoff; reason=advice", "knowledge.search", "spending.summary; merchant=Netflix; period=last_month",
        "transactions.search; account=credit; merchant=Netflix; category=entertainment; text=spend; period=last_30_days",
        "transactions.search; merchant=spend at Netflix", "spending.summary; period=m01",
    ])
    func `a plan of the dialect is accepted whole`(line: String) {
        #expect(self.accepts(line, question: "How much did I spend at Netflix last month?"))
    }

    @Test(arguments: [
        "", "account", "account.balance;", "account.balance; ", "account.balance; account=gold",
        "account.balance; account=",
        "accounts.delete", "clarify", "handoff", "handoff; reason=advice; reason=human", "greet; about=question",
        "spending.summary; period=last_month; merchant=Netflix", "spending.summary; merchant=Hulu",
        "spending.summary; merchant=Netfli",
        "spending.summary; merchant=etflix", "spending.summary; merchant= Netflix",
        "spending.summary; merchant=Netflix ",
        "spending.summary; merchant=Netflix; merchant=Netflix", "knowledge.search; query=Netflix",
        "transactions.search; min=5",
        "spending.summary; period=last_0_days", "Account.balance", "account.balance\n",
        "spending.summary; merchant=month?",
    ])
    func `what is no plan of the dialect is refused`(line: String) {
        #expect(!self.accepts(line, question: "How much did I spend at Netflix last month?"))
    }

    @Test(arguments: [
        ("min=$1,200", true), ("min=1,200", true), ("min=15k", true), ("min=1", false), ("min=200", false),
        ("min=15", false),
        ("min=1,200; max=15k", true), ("merchant=McDonald's", true), ("merchant=McDonald", true),
        ("text=show transactions", true),
    ])
    func `numbers are quoted whole`(arguments: String, isAccepted: Bool) {
        let question = "show transactions over $1,200 or 15k at McDonald's, please"
        #expect(self.accepts("transactions.search; \(arguments)", question: question) == isAccepted)
    }

    @Test func `Chinese has no spaces, so any run of characters may be quoted, and numerals are numbers`() {
        let question = "最近五笔大于两千元的Uber交易"
        #expect(self.accepts("transactions.search; merchant=Uber; min=两千元; count=五", question: question))
        #expect(self.accepts("transactions.search; text=交易; min=两千", question: question))
        #expect(!self.accepts("transactions.search; merchant=Ube", question: question))
        #expect(!self.accepts("transactions.search; count=两千", question: question))
    }

    @Test func `a value of the previous plan may be repeated for the same argument only`() {
        let previous = ToolCall(tool: "spending.summary", arguments: ["merchant": "Netflix", "period": "m03"])
        let question = "and last month?"
        #expect(
            self.accepts(
                "spending.summary; merchant=Netflix; period=last_month", question: question, previous: previous))
        #expect(self.accepts("transactions.search; merchant=Netflix", question: question, previous: previous))
        #expect(!self.accepts("transactions.search; text=Netflix", question: question, previous: previous))
        #expect(!self.accepts("spending.summary; merchant=Netflix", question: question))
    }

    @Test(arguments: questions)
    func `every random walk ends in a plan that parses and validates`(question: String) throws {
        let previous = ToolCall(tool: "transactions.search", arguments: ["merchant": "Shell", "min": "15k"])
        let start = PlanGrammar(toolbox: .standard, question: question, previous: previous)
        var generator = SplitMix(state: UInt64(question.utf8.count) + 7)
        for _ in 0..<25 {
            var grammar = start
            var bytes: [UInt8] = []
            while bytes.count < 4000 {
                let choices = (UInt8.min...UInt8.max).filter { grammar.accepts([$0]) }
                if let forced = grammar.forcedByte { #expect(choices == [forced] && !grammar.mayEnd) }
                if grammar.mayEnd, choices.isEmpty || generator.next() % 8 == 0 { break }
                let byte = try #require(choices.randomElement(using: &generator), "dead end")
                grammar.append([byte])
                bytes.append(byte)
            }
            let line = try #require(String(validating: bytes, as: UTF8.self))
            let call = try #require(ToolCall(planLine: line))
            #expect(try Toolbox.standard.validated(call) == call)
            #expect(call.planLine == line)
        }
    }

    @Test(arguments: questions)
    func `a plan can be made whatever the question`(question: String) {
        for line in [
            "accounts.list", "clarify; about=question", "handoff; reason=scope", "transactions.search; period=today",
        ] {
            #expect(self.accepts(line, question: question))
        }
    }

    @Test(arguments: [
        ("", ""), ("transactions", ".search"), ("transactions.search", ""), ("handoff", "; reason="),
        ("spending.summary; merchant=St", "arbucks"), ("spending.summary; merchant=Starbucks", ""),
        ("spending.summary; period=this_y", "ear"), ("account.balance; a", "ccount="),
        ("knowledge.search;", ""),
    ])
    func `what must come next is known ahead`(line: String, forced: String) {
        var grammar = PlanGrammar(toolbox: .standard, question: "what did I spend at Starbucks, or pay?")
        grammar.append(Array(line.utf8))
        var bytes: [UInt8] = []
        while let byte = grammar.forcedByte {
            bytes.append(byte)
            grammar.append([byte])
        }
        #expect(String(decoding: bytes, as: UTF8.self) == forced)
    }

    @Test func `bytes that are refused leave the grammar where it is`() {
        var grammar = PlanGrammar(toolbox: .standard, question: "hello")
        grammar.append(Array("gre".utf8))
        grammar.append(Array("xx".utf8))
        grammar.append(Array("et".utf8))
        #expect(grammar.mayEnd)
    }
}

/// A small generator with a fixed seed, so that a failing walk can be walked again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
