import Testing

@testable import Teller

@Suite struct ReplyPolicyTests {
    private let policy = ReplyPolicy(patterns: ["teller.replies.*", "bank.answers", "desk.*.in"])

    @Test(arguments: ["teller.replies.1", "teller.replies.", "bank.answers", "desk.fx.in", "desk..in", "desk.a.in.b.in"])
    func `a queue on the list may be answered to`(_ queue: String) {
        #expect(self.policy.allows(queue))
    }

    @Test(arguments: [
        "", "teller.replies", "xteller.replies.1", "bank.answers.2", "desk.fx.out", "teller.requests.banking", "amq.rabbitmq.reply-to",
        "amq.rabbitmq.reply-to.g1h2AA8ABCDEF.AAAA==", "teller.replies.\u{0}", "teller.replies.a b", "teller.replies.ü",
        "teller.replies." + String(repeating: "x", count: 300),
    ])
    func `any other may not`(_ queue: String) {
        #expect(!self.policy.allows(queue))
    }

    @Test func `the broker's own names are refused even by a list of everything`() {
        #expect(!ReplyPolicy(patterns: ["*"]).allows("amq.rabbitmq.reply-to"))
        #expect(ReplyPolicy(patterns: ["*"]).allows("anything"))
    }

    @Test func `a hostile pattern takes no longer than its length`() {
        let policy = ReplyPolicy(patterns: [String(repeating: "*a", count: 100) + "b"])
        #expect(!policy.allows(String(repeating: "a", count: 255)))
    }
}
