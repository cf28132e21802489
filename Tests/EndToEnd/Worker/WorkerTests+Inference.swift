import Foundation
import TellerMessages
import Testing

extension WorkerTests {
    /// What the model computes for one customer, beside what it computed for another.
    @Suite(.serialized) struct Inference {
        private static let question = "How much did I spend at Netflix last month, and how much was it in the month before that one?"

        @Test(.timeLimit(.minutes(5)))
        func `a conversation goes on from what was computed for it, and nobody else's does`() async throws {
            let world = try await WorkerWorld.shared.value
            try await WorkerProcess.with(in: world) { _ in
                try await WorkerRequester.with(in: world) { requester in
                    @Sendable func cachedTokens(_ customer: String, _ conversation: String) async throws -> Int {
                        let request = try await requester.request(from: customer, question: Self.question) {
                            $0.body.conversationID = conversation
                            $0.body.plan = nil
                        }
                        let answer = try await requester.ask(request)
                        #expect(answer.status == .answered && answer.usage.promptTokens > 16)
                        return answer.usage.cachedTokens
                    }
                    let conversation = UUID().uuidString
                    let first = try await cachedTokens("C-1001", conversation)
                    let another = try await cachedTokens("C-1002", conversation)
                    let elsewhere = try await cachedTokens("C-1001", UUID().uuidString)
                    #expect(first == 0 && another == 0 && elsewhere == 0)
                    // The second turn's prompt holds the plan of the first, the third's the same one again.
                    _ = try await cachedTokens("C-1001", conversation)
                    let third = try await cachedTokens("C-1001", conversation)
                    #expect(third >= 16)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a worker tells its scraper how many tokens it read and wrote, and how soon the first one came`() async throws {
            let world = try await WorkerWorld.shared.value
            try await WorkerProcess.with(in: world) { workers in
                try await WorkerRequester.with(in: world) { requester in
                    let request = try await requester.request(question: Self.question) { $0.body.plan = nil }
                    let usage = try await requester.ask(request).usage
                    let metrics = try await workers[0].metrics()
                    #expect(metrics["gen_ai_server_time_to_first_token_seconds_count"] == 1)
                    #expect(metrics[#"gen_ai_client_token_usage_sum{gen_ai_token_type="input"}"#] == Double(usage.promptTokens))
                    #expect(metrics[#"gen_ai_client_token_usage_sum{gen_ai_token_type="output"}"#] == Double(usage.completionTokens))
                    #expect(metrics[#"teller_engine_sequences{state="running"}"#] == 0)
                    #expect(metrics[#"teller_engine_requests_total{outcome="finished"}"#] == 1)
                }
            }
        }
    }
}
