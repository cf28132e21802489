import Foundation
import Glibc
import TellerMessages
import Testing

extension ReplayTests {
    /// What is in a plan, and who may work on it.
    @Suite(.serialized) struct Plans {
        @Test(.timeLimit(.minutes(5)))
        func `a group that changes after the plan was made does not change the plan (ServiceControl 660)`() async throws {
            try await ReplayBank.with { bank in
                let requests = try await bank.deadLetters(4)
                let group = try await bank.group(of: requests[0])
                let plan = try await bank.tool.plan(group, "--canary", "none", "--rate", "200/s")
                let later = try await bank.deadLetters(3)
                try await bank.replay(plan)
                try await bank.expectReplayedOnce(requests)
                #expect(try await bank.count("SELECT count(*) FROM teller.failures, wanted WHERE request_id = ANY (ids) AND state = 'open'", later) == 3)
                let rest = try await bank.tool.plan(group, "--canary", "none", "--rate", "200/s")
                try await bank.replay(rest)
                try await bank.expectReplayedOnce(later)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a message that is retried twice is processed once (ServiceControl 4797)`() async throws {
            try await ReplayBank.with { bank in
                let requests = try await bank.deadLetters(12)
                let group = try await bank.group(of: requests[0])
                // Two operators plan the same group at the same moment, and both run both plans.
                async let one = bank.tool.plan(group, "--rate", "20/s", "--canary", "none")
                async let two = bank.tool.plan(group, "--rate", "20/s", "--canary", "none")
                let plans = try await [one, two]
                let total = try await bank.world.count(
                    "SELECT sum(total) FROM teller.replay_plans WHERE plan_id IN ('\(plans[0])', '\(plans[1])')")
                #expect(total == 12)
                var statuses: [Int32] = []
                for running in try (plans + plans).map({ try bank.tool.start(["replay", $0]) }) { statuses.append(try await running.end().status) }
                // Each is worked on by one process; the other one says so, or finds the plan finished.
                #expect(statuses.allSatisfy { [0, 65, 75].contains($0) } && statuses.count { $0 == 0 } == 2)
                try await bank.expectReplayedOnce(requests)
                // When all is answered there is nothing left to retry.
                let again = try await bank.tool.dead("plan", "--state", "all", "--reason", "again", selecting: group)
                #expect(try again.document["messages"]?.integer == 0)
            }
        }

        @Test(.timeLimit(.minutes(5))) func `a plan is paused, goes on and is cancelled from another terminal`() async throws {
            try await ReplayBank.with { bank in
                let requests = try await bank.deadLetters(20)
                let plan = try await bank.tool.plan(try await bank.group(of: requests[0]), "--rate", "4/s", "--canary", "none")
                func replayUntil(_ sent: Int, _ stop: String) async throws {
                    let replay = try bank.tool.start(["replay", plan])
                    while try await bank.world.count("SELECT sent FROM teller.replay_plans WHERE plan_id = '\(plan)'") < sent {
                        try await Task.sleep(for: .milliseconds(50))
                    }
                    #expect(try await bank.tool.dead("replay", plan, stop).status == 0)
                    #expect(try await replay.end(within: .seconds(10)).status == 75)
                }
                try await replayUntil(2, "--pause")
                let paused = try await bank.world.count("SELECT sent FROM teller.replay_plans WHERE plan_id = '\(plan)'")
                try await Task.sleep(for: .milliseconds(600))
                #expect(try await bank.world.count("SELECT sent FROM teller.replay_plans WHERE plan_id = '\(plan)'") == paused)
                try await replayUntil(paused + 2, "--cancel")
                let sent = try await bank.world.count("SELECT sent FROM teller.replay_plans WHERE plan_id = '\(plan)'")
                #expect(sent < 20)
                #expect(try await bank.tool.dead("replay", plan).status == 65)
                let deadline = ContinuousClock.now + .seconds(20)
                while try await bank.count("SELECT count(*) FROM teller.failures, wanted WHERE request_id = ANY (ids) AND state = 'replaying'", requests) > 0 {
                    try #require(ContinuousClock.now < deadline)
                    try await Task.sleep(for: .milliseconds(50))
                }
                // What was sent is answered; the rest is open, and another plan takes it.
                #expect(try await bank.count("SELECT count(*) FROM teller.failures, wanted WHERE request_id = ANY (ids) AND state = 'open'", requests) == 20 - sent)
                let rest = try await bank.tool.plan(try await bank.group(of: requests[0]), "--rate", "200/s", "--canary", "none")
                try await bank.replay(rest)
                try await bank.expectReplayedOnce(requests)
            }
        }

        @Test(.timeLimit(.minutes(5))) func `a later turn is not sent before the earlier one is settled`() async throws {
            try await ReplayBank.with { bank in
                let requests = try await bank.deadLetters(6, conversation: "turns-\(UUID().uuidString)")
                let plan = try await bank.tool.plan(["--conversation", requests[0].body.conversationID], "--rate", "500/s", "--canary", "none")
                try await bank.replay(plan)
                try await bank.expectReplayedOnce(requests)
                let early = try await bank.world.count(
                    """
                    SELECT count(*) FROM teller.replay_items later JOIN teller.replay_items earlier USING (plan_id, conversation_id)
                    WHERE plan_id = '\(plan)' AND later.position > earlier.position AND later.sent_at < earlier.settled_at
                    """)
                #expect(early == 0)
                let turns = try await bank.world.count(
                    """
                    SELECT count(*) FROM (SELECT turn < lag(turn) OVER (ORDER BY position) AS back FROM teller.replay_items
                    JOIN teller.requests USING (request_id) WHERE plan_id = '\(plan)') AS step WHERE back
                    """)
                #expect(turns == 0)
            }
        }

        @Test(.timeLimit(.minutes(5))) func `old requests expire, are answered, or get a new deadline, as the plan says`() async throws {
            try await ReplayBank.with { bank in
                let requests = try await bank.failing(3) { _, request in request.deadline = Date().addingTimeInterval(6) }
                try await bank.mend()
                let last = try #require(requests.compactMap(\.deadline).max())
                try await Task.sleep(for: .seconds(max(0, last.timeIntervalSinceNow) + 0.2))
                let kept = try await bank.tool.dead("plan", "--request", requests[0].id, "--reason", "test")
                #expect(try kept.document["outlook"]?.object?["expired"]?.integer == 1)
                #expect(try await bank.tool.dead("replay", try #require(try kept.document["plan_id"]?.string)).status == 0)
                #expect(bank.requester.answers(to: requests[0].id).count == 1)
                for (request, policy) in [(requests[1], "none"), (requests[2], "15m")] {
                    let plan = try await bank.tool.plan(["--request", request.id], "--deadline", policy)
                    try await bank.replay(plan)
                }
                try await bank.expectReplayedOnce(Array(requests[1...]))
            }
        }
    }
}
