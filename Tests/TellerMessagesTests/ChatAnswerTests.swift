import Foundation
import Testing

@testable import TellerMessages

@Suite struct ChatAnswerTests {
    @Test func `an answer reads back as it was written`() throws {
        var answer = ChatAnswer(requestID: "r-1", conversationID: "c1", status: .answered, language: "en", text: "You have $12.50.")
        answer.plan = ToolCall(tool: "account.balance", arguments: ["account": "checking"])
        answer.facts = [Fact(name: "balance", value: "12.50", unit: "USD", source: "ledger.accounts/A-1", asOf: Date(timeIntervalSince1970: 0))]
        answer.disclosures = ["As of today."]
        answer.model = .init(name: "m", revision: "0123", weights: "bf16")
        answer.usage = .init(promptTokens: 3, cachedTokens: 1, completionTokens: 2)
        answer.timing = [("plan", 3), ("total", 5)]
        answer.problem = Problem("x", title: "t", status: 500, detail: "d", failureClass: "bug", isRetryable: true)
        #expect(try ChatAnswer(decoding: answer.json.serialized) == answer)
    }

    @Test func `the same request and version make the same id, and no other does`() {
        let id = AnswerID.make(request: "r-1", version: 1)
        #expect(id == AnswerID.make(request: "r-1", version: 1))
        #expect(id != AnswerID.make(request: "r-1", version: 2))
        #expect(id != AnswerID.make(request: "R-1", version: 1))
        let lower = "3e8f6a52-0c1b-4b57-9a37-1f6a0c9d5e21"
        #expect(AnswerID.make(request: lower, version: 1) != AnswerID.make(request: lower.uppercased(), version: 1))
    }

    @Test func `an answer's id is the UUIDv5 that RFC 9562 defines`() {
        // python3 -c 'import uuid; print(uuid.uuid5(uuid.UUID("3e8f6a52-0c1b-4b57-9a37-1f6a0c9d5e21"), "1"))'
        let id = AnswerID.make(request: "3e8f6a52-0c1b-4b57-9a37-1f6a0c9d5e21", version: 1)
        #expect(id.uuidString.lowercased() == "e9abceb4-9561-5111-8898-c73b3736d064")
    }
}
