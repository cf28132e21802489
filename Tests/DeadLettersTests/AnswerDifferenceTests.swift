import DeadLetters
import Foundation
import TellerMessages
import Testing

/// What a what-if says of two answers.
@Suite struct AnswerDifferenceTests {
    static func fact(_ name: String, _ value: String, _ unit: String? = "USD", from source: String = "ledger.accounts/A-1") -> Fact {
        Fact(name: name, value: value, unit: unit, source: source, asOf: Date(timeIntervalSince1970: 0))
    }

    static func answer(
        _ tool: String? = "account.balance", status: ChatAnswer.Status = .answered, text: String = "You have $100.00.",
        _ facts: [Fact] = [fact("balance", "100.00")]
    ) -> ChatAnswer {
        var answer = ChatAnswer(requestID: "r", conversationID: "c", status: status, language: "en", text: text)
        answer.plan = tool.map { ToolCall(tool: $0, arguments: ["account": "checking"]) }
        answer.facts = facts
        return answer
    }

    private static func difference(_ old: ChatAnswer, _ new: ChatAnswer) -> AnswerDifference {
        AnswerDifference(from: .init(old), to: new)
    }

    @Test func `an answer given again is the same, whenever it was true`() {
        var again = Self.answer()
        again.facts[0].asOf = Date(timeIntervalSince1970: 86_400)
        again.timing = [("plan", 7)]
        let difference = Self.difference(Self.answer(), again)
        #expect(difference.verdict == .same && !difference.figuresChanged && !difference.wordingChanged)
    }

    @Test func `a figure's change is exact, in itself and as a share`() throws {
        let difference = Self.difference(
            Self.answer("account.balance", [Self.fact("balance", "0.30"), Self.fact("debt", "-200")]),
            Self.answer("account.balance", [Self.fact("balance", "0.10"), Self.fact("debt", "-150.50")]))
        #expect(difference.verdict == .figures)
        #expect(difference.facts.map(\.name) == ["balance", "debt"])
        #expect(difference.facts[0].absolute == Decimal(string: "-0.2"))
        #expect(difference.facts[0].relative == Decimal(string: "-0.6666666667"))
        #expect(difference.facts[1].absolute == Decimal(string: "49.5") && difference.facts[1].relative == Decimal(string: "0.2475"))
    }

    @Test func `nothing is a share of zero, and two currencies have no difference`() {
        let facts = FactDifference.between(
            [Self.fact("a", "0"), Self.fact("b", "5")], [Self.fact("a", "7"), Self.fact("b", "5", "CNY")])
        #expect(facts.map(\.kind) == [.changed, .changed])
        #expect(facts[0].absolute == 7 && facts[0].relative == nil)
        #expect(facts[1].absolute == nil)
    }

    @Test func `facts are told apart by name and source, and what has no partner came or went`() {
        let old = [Self.fact("total", "5", from: "sum; rows=t1"), Self.fact("count", "1", "transactions"), Self.fact("limit", "9")]
        let new = [
            Self.fact("total", "5", from: "sum; rows=t2"), Self.fact("count", "2", "transactions"), Self.fact("available", "4"),
        ]
        let facts = FactDifference.between(old, new)
        #expect(facts.map(\.name) == ["total", "count", "available", "limit"])
        #expect(facts.map(\.kind) == [.source, .changed, .added, .removed])
        // Of two facts of one name, each meets the one from its own rows.
        let rows = [Self.fact("amount", "1", from: "t1"), Self.fact("amount", "2", from: "t2")]
        #expect(FactDifference.between(rows, rows.reversed()).isEmpty)
    }

    @Test(arguments: [
        (answer(), answer("spending.summary", []), WhatIfVerdict.plan),
        (answer(), answer("clarify", []), .worse),
        (answer(), answer(nil, status: .failed, []), .worse),
        (answer("clarify", []), answer(), .plan),
        (answer(nil, status: .failed, []), answer(), .answered),
        (answer(nil, status: .failed, []), answer(nil, status: .refused, []), .status),
        (answer(nil, status: .failed, []), answer(nil, status: .failed, []), .same),
        (answer(), answer(text: "Your balance is $100.00."), .wording),
    ])
    func `the gravest change is the verdict`(_ old: ChatAnswer, _ new: ChatAnswer, _ verdict: WhatIfVerdict) {
        #expect(Self.difference(old, new).verdict == verdict)
    }

    @Test func `a message that was given up unanswered is answered now, or as before`() {
        #expect(AnswerDifference(from: .givenUp, to: Self.answer()).verdict == .answered)
        #expect(AnswerDifference(from: .givenUp, to: Self.answer(nil, status: .failed, [])).verdict == .same)
    }

    @Test func `words are counted in either script`() {
        let english = WordDifference(from: "You have $100.00 today.", to: "You have $90.00 today.")
        #expect(english.removed == ["$100.00"] && english.added == ["$90.00"])
        let chinese = WordDifference(from: "余额为100.00元", to: "余额是90.00元")
        #expect(chinese.removed == ["为", "100.00"] && chinese.added == ["是", "90.00"])
        #expect(WordDifference(from: "a  b\n", to: "a b").isEmpty)
    }

    @Test func `a gate lets the milder changes through and never what was not tried`() {
        let passing: [WhatIfGate: Set<WhatIfVerdict>] = [
            .any: [.same], .figures: [.same, .answered, .wording], .plan: [.same, .answered, .wording, .figures],
            .status: [.same, .answered, .wording, .figures, .plan],
        ]
        for gate in WhatIfGate.allCases { #expect(Set(WhatIfVerdict.allCases.filter(gate.passes)) == passing[gate]) }
    }

    @Test func `a source is shown without what the customer searched for`() {
        let source = "sum(amount) over ledger.transactions?merchant=secret&from=2026-10-01T00:00:00Z; rows=t1,t2"
        #expect(Self.fact("total", "1", from: source).plainSource == "sum(amount) over ledger.transactions?…; rows=t1,t2")
    }

    @Test(arguments: ["now", "request", "2026-11-24T10:00:00Z"])
    func `a moment reads as it is written`(_ text: String) {
        #expect(WhatIfMoment(text)?.description == text)
    }

    @Test(arguments: ["", "yesterday", "2026-11-24"])
    func `what is no moment is refused`(_ text: String) {
        #expect(WhatIfMoment(text) == nil)
    }
}
