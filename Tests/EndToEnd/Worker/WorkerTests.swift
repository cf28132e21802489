import AMQP
import Foundation
import Glibc
import Postgres
import TellerMessages
import Testing

/// The worker on its real servers, as a process. The tests share one broker and take turns.
@Suite(.serialized) struct WorkerTests {
    private func withWorker<Result: Sendable>(
        _ settings: [String: String] = [:], _ body: (WorkerWorld, WorkerRequester) async throws -> Result
    ) async throws -> Result {
        let world = try await WorkerWorld.shared.value
        return try await WorkerProcess.with(in: world, settings) { _ in
            try await WorkerRequester.with(in: world) { try await body(world, $0) }
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a question is answered from the customer's rows, and says where each figure is from`() async throws {
        try await self.withWorker { world, requester in
            let request = try await requester.request()
            let answer = try await requester.ask(request)
            #expect(answer.status == .answered)
            #expect(answer.requestID == request.id)
            let balance = try #require(answer.facts.first { $0.name == "balance" })
            #expect(balance.unit == "USD" && balance.source.hasPrefix("ledger.accounts/A-1001"))
            let stored = try await world.count(
                "SELECT count(*) FROM ledger.accounts WHERE customer_id = 'C-1001' AND kind = 'checking' AND balance = \(balance.value)")
            #expect(stored == 1)
            let received = try #require(requester.answers(to: request.id).first)
            #expect(received.messageID == answer.id.uuidString.lowercased())
            #expect(received.headers?["cloudEvents_type"] == "teller.chat.answer.v1")
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [
        ("What is my checking account balance?", "account.balance"), ("我的余额是多少？", "account.balance"),
        ("How much did I spend at Netflix last month?", "spending.summary"), ("我想了解股票投资的风险", "knowledge.search"),
        ("hello", "greet"), ("I want to talk to a person", "handoff"),
    ])
    func `the embedded model plans a customer's question`(_ question: String, _ tool: String) async throws {
        try await self.withWorker { _, requester in
            let request = try await requester.request(question: question) {
                $0.body.plan = nil
                $0.body.wantsPlainWording = false
            }
            let answer = try await requester.ask(request)
            #expect(answer.status == .answered)
            #expect(answer.plan?.tool == tool)
            #expect(answer.usage.completionTokens > 0)
            #expect(!answer.text.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a customer's token does not open another customer's rows`() async throws {
        try await self.withWorker { world, requester in
            let stolen = try await requester.ask(try await requester.request(from: "C-1002", token: "C-1001"))
            #expect(stolen.status == .refused && stolen.facts.isEmpty && stolen.problem?.status == 401)
            let foreignAccount = try await requester.request { $0.body.accountID = "A-1002-1" }
            let answer = try await requester.ask(foreignAccount)
            #expect(!answer.facts.contains { $0.source.contains("A-1002") })
            let without = try await requester.ask(try await requester.request { $0.token = nil })
            #expect(without.status == .refused)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a request that comes too late is expired, and one in time is not`() async throws {
        try await self.withWorker { _, requester in
            let late = try await requester.ask(try await requester.request { $0.deadline = Date().addingTimeInterval(-1) })
            #expect(late.status == .expired && late.problem?.isRetryable == true)
            let inTime = try await requester.ask(try await requester.request { $0.deadline = Date().addingTimeInterval(60) })
            #expect(inTime.status == .answered)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `an answer without a usable queue to reply to goes where all such answers go`() async throws {
        let world = try await WorkerWorld.shared.value
        try await WorkerProcess.with(in: world) { _ in
            try await WorkerRequester.with(in: world, listeningTo: "teller.answers") { requester in
                for replyTo in [nil, "teller.requests.trading", "amq.rabbitmq.reply-to.g1h2AA8ABCDEF.AAAA==", "teller.replies.nobody"] {
                    let request = try await requester.request { $0.replyTo = replyTo }
                    #expect(try await requester.ask(request).status == .answered)
                }
            }
        }
        #expect(try await world.messages(in: "teller.requests.trading") == 0)
    }

    @Test(.timeLimit(.minutes(5))) func `turns of a conversation are answered in their order`() async throws {
        let world = try await WorkerWorld.shared.value
        try await WorkerProcess.with(2, in: world) { _ in
            try await WorkerRequester.with(in: world) { requester in
                let conversation = UUID().uuidString
                var ids: [String] = []
                for _ in 0..<40 {
                    let request = try await requester.request { $0.body.conversationID = conversation }
                    ids.append(request.id)
                    try await requester.publish(request)
                }
                #expect(try await requester.statuses(of: ids) == [.answered])
                let disorder = try await world.count(
                    """
                    SELECT count(*) FROM (SELECT settled_at < lag(settled_at) OVER (ORDER BY turn) AS is_early
                    FROM teller.requests WHERE conversation_id = '\(conversation)') AS turns WHERE is_early
                    """)
                #expect(disorder == 0)
            }
        }
    }
}

extension WorkerWorld {
    func messages(in queue: String) async throws -> UInt32 {
        let connection = try await AMQPConnection.connect(self.broker)
        let count = try await connection.withChannel { channel throws(AMQPError) in try await channel.messageCount(queue) }
        await connection.close()
        return count
    }
}
