import AMQP
import Foundation
import TellerClient
import TellerMessages
import Testing

extension ReplayTests {
    /// Messages that an operator changes, and what nobody can change by pretending.
    @Suite(.serialized) struct Edits {
        /// A request with a tool that does not exist, whose token is good for this very body.
        private func wrong(_ bank: ReplayBank) async throws -> ChatRequest {
            var request = try await bank.requester.request { $0.body.plan = ToolCall(tool: "accounts.drop") }
            request.token = try await CustomerToken.sign(
                customer: "C-1001", audience: "teller", privateKeyPEM: bank.world.signingKey, body: request.message.body)
            #expect(try await bank.requester.ask(request).status == .failed)
            return request
        }

        private func file(_ bank: ReplayBank, _ patch: String) throws -> String {
            let path = bank.world.folder + "/patch-\(UUID().uuidString.prefix(8)).json"
            try patch.write(toFile: path, atomically: true, encoding: .utf8)
            return path
        }

        private func failure(_ bank: ReplayBank, _ plan: String) async throws -> String {
            let shown = try await bank.tool.dead("plan", "show", plan, "--items").document
            return try #require(shown["items"]?.array?.first?.object?["failure_id"]?.string)
        }

        @Test(.timeLimit(.minutes(5)))
        func `only the edited copy is sent, and it is never lost (ServicePulse 2424, ServiceControl 5122, 3463)`() async throws {
            try await ReplayBank.with { bank in
                let request = try await wrong(bank)
                let plan = try await bank.tool.plan(["--request", request.id])
                let failure = try await failure(bank, plan)
                func edit(_ patch: String) async throws -> Int32 {
                    try await bank.tool.dead("edit", plan, failure, "--patch", try file(bank, patch), "--reason", "wrong tool").status
                }
                // Refused, and nothing has changed: no such place, not a request, another customer, another conversation.
                for patch in [
                    #"[{"op":"replace","path":"/nothing","value":1}]"#, #"[{"op":"add","path":"/unknown","value":1}]"#,
                    #"[{"op":"replace","path":"/customer_id","value":"C-1002"}]"#, #"[{"op":"replace","path":"/conversation_id","value":"x"}]"#,
                    #"not json"#,
                ] { #expect(try await edit(patch) == 65) }
                #expect(try await bank.world.count("SELECT count(*) FROM teller.replay_edits WHERE plan_id = '\(plan)'") == 0)
                // The second edit changes what the first made of it.
                #expect(try await edit(#"[{"op":"replace","path":"/plan/tool","value":"accounts.list"}]"#) == 0)
                #expect(
                    try await edit(
                        #"[{"op":"test","path":"/plan/tool","value":"accounts.list"},{"op":"replace","path":"/plan","value":{"tool":"account.balance","arguments":{"account":"checking"}}}]"#)
                        == 0)
                try await bank.replay(plan)
                try await bank.expectReplayedOnce([request])
                #expect(try bank.requester.answers(to: request.id).last?.answer.plan?.tool == "account.balance")
                // Too late to edit; the history is whole, and the original is where it was.
                #expect(try await edit(#"[{"op":"remove","path":"/plan"}]"#) == 65)
                #expect(try await bank.world.count("SELECT count(*) FROM teller.replay_edits WHERE plan_id = '\(plan)' AND reason = 'wrong tool'") == 2)
                #expect(
                    try await bank.world.count(
                        """
                        SELECT count(*) FROM teller.failures f JOIN teller.replay_edits e USING (failure_id)
                        WHERE f.failure_id = '\(failure)' AND e.number = 1 AND sha256(f.body) = e.before_sha256 AND f.body <> e.body
                        """) == 1)
                // A late copy of the original is not tried beside the edit: it gets the current answer.
                var late = request
                late.correlationID = "late-" + request.id
                try await bank.requester.publish(late)
                #expect(try await bank.requester.answer(to: late.correlationID).answer.version == 2)
            }
        }

        @Test(.timeLimit(.minutes(5))) func `an edit that fails again is a dead letter of its own, and the original is not sent beside it`() async throws {
            try await ReplayBank.with { bank in
                let request = try await wrong(bank)
                let bad = try file(bank, #"[{"op":"replace","path":"/plan/tool","value":"accounts.erase"}]"#)
                let plan = try await bank.tool.plan(["--request", request.id], "--patch", bad)
                #expect(try await bank.tool.dead("replay", plan).status == 75)
                let again = try await bank.tool.dead("plan", "--request", request.id, "--reason", "test", "--patch", try file(
                    bank, #"[{"op":"test","path":"/plan/tool","value":"accounts.erase"},{"op":"replace","path":"/plan/tool","value":"accounts.list"}]"#))
                #expect(try again.status == 0 && again.document["messages"]?.integer == 1, "\(again.errors)")
                #expect(try await bank.tool.dead("replay", try #require(try again.document["plan_id"]?.string)).status == 0)
                // Three answers, each in the place of the one before; the token was issued for the first body.
                let answers = try await bank.answers(3, to: request)
                #expect(answers.map(\.version) == [1, 2, 3] && answers.map(\.status) == [.failed, .failed, .answered])
                #expect(answers[2].supersedes == answers[1].id && answers[1].supersedes == answers[0].id)
            }
        }

        @Test(.timeLimit(.minutes(5))) func `what nobody could read is answered once it is edited, although its token has expired`() async throws {
            try await ReplayBank.with { bank in
                let request = try await bank.requester.request()
                var message = request.message
                var body = request.body.json.object ?? JSONObject()
                body["unknown"] = true
                message.body = JSONValue.object(body).serialized
                let token = try await CustomerToken.sign(
                    customer: "C-1001", audience: "teller", privateKeyPEM: bank.world.signingKey, lifetime: -3600, body: message.body)
                message.properties.headers?["authorization"] = .string("Bearer \(token)")
                try await bank.requester.publish(message)
                #expect(try await bank.requester.answer(to: request.id).answer.status == .failed)
                let plan = try await bank.tool.plan(["--conversation", request.body.conversationID], "--patch", try file(bank, #"[{"op":"remove","path":"/unknown"}]"#))
                try await bank.replay(plan)
                let answers = try await bank.answers(2, to: request)
                #expect(answers.map(\.version) == [1, 2] && answers.map(\.status) == [.failed, .answered])
                #expect(answers[1].supersedes == answers[0].id)
            }
        }

        @Test(.timeLimit(.minutes(5))) func `forged replay headers change nothing`() async throws {
            try await ReplayBank.with { bank in
                let requests = try await bank.deadLetters(2)
                let plan = try await bank.tool.plan(["--request", requests[0].id])
                let failure = try await failure(bank, plan)
                func forged(_ request: ChatRequest, _ plan: String, as correlation: String, _ change: (inout AMQPMessage) -> Void = { _ in }) async throws -> ChatAnswer {
                    var message = request.message
                    message.properties.correlationID = "\(correlation)-\(request.id)"
                    message.properties.headers?["teller-replay-plan"] = .string(plan)
                    message.properties.headers?["teller-replay-of"] = .string(failure)
                    change(&message)
                    try await bank.requester.publish(message)
                    return try await bank.requester.answer(to: "\(correlation)-\(request.id)").answer
                }
                // Not sent by the plan yet, in no plan at all, and of a plan that does not exist: the failed answer stands.
                #expect(try await forged(requests[0], plan, as: "early").version == 1)
                #expect(try await forged(requests[1], plan, as: "other").version == 1)
                #expect(try await forged(requests[1], UUID().uuidString, as: "unknown").version == 1)
                // Neither an expired token nor one for another body is worth more with the headers.
                let fresh = try await bank.requester.request()
                let expired = try await CustomerToken.sign(customer: "C-1001", audience: "teller", privateKeyPEM: bank.world.signingKey, lifetime: -3600)
                #expect(try await forged(fresh, plan, as: "expired") { $0.properties.headers?["authorization"] = .string("Bearer \(expired)") }.status == .refused)
                let glued = try await CustomerToken.sign(
                    customer: "C-1001", audience: "teller", privateKeyPEM: bank.world.signingKey, body: requests[0].message.body)
                #expect(try await forged(fresh, plan, as: "glued") { $0.properties.headers?["authorization"] = .string("Bearer \(glued)") }.status == .refused)
                #expect(try await bank.world.count("SELECT count(*) FROM teller.replay_items WHERE plan_id = '\(plan)' AND state = 'pending'") == 1)
                try await bank.replay(plan)
                // Once it is settled the headers are worth nothing either.
                #expect(try await forged(requests[0], plan, as: "after").version == 2)
                #expect(try await bank.count("SELECT count(*) FROM teller.answers, wanted WHERE request_id = ANY (ids)", requests) == 3)
            }
        }
    }
}
