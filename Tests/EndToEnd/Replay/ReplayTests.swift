import Foundation
import Glibc
import TellerMessages
import Testing

/// Dead letters that are sent again, with real servers, a real worker and the real tool.
@Suite(.serialized) struct ReplayTests {
    @Test(.timeLimit(.minutes(5))) func `new answers supersede the failed ones, and the audit names each message`() async throws {
        try await ReplayBank.with { bank in
            let requests = try await bank.deadLetters(20)
            let group = try await bank.group(of: requests[0])
            let made = try await bank.tool.dead(
                "plan", "--reason", "the column is back", "--items", "--rate", "500/s", "--canary", "1,5", selecting: group)
            let plan = try made.document
            #expect(plan["messages"]?.integer == 20 && plan["outlook"]?.object?["again"]?.integer == 20)
            #expect(plan["items"]?.array?.count == 20 && !made.output.contains(requests[0].body.question))
            let id = try #require(plan["plan_id"]?.string)
            let ended = try await bank.tool.dead("replay", id)
            #expect(ended.status == 0, "\(ended.errors)")
            #expect(try ended.document["state"] == "finished" && ended.document["outcomes"]?.object?["answered"]?.integer == 20)
            try await bank.expectReplayedOnce(requests)
            let audited = try await bank.count(
                """
                SELECT count(DISTINCT a.failure_id) FROM teller.audit a JOIN teller.failures f USING (failure_id), wanted
                WHERE a.action = 'replay' AND a.chain = 'operators' AND f.request_id = ANY (ids)
                """, requests)
            #expect(audited == 20)
            for action in ["replay.plan", "replay.start", "replay.finished"] {
                #expect(try await bank.world.count("SELECT count(*) FROM teller.audit WHERE action = '\(action)' AND detail ->> 'plan' = '\(id)'") == 1)
            }
        }
    }

    @Test(.timeLimit(.minutes(10))) func `a replay that is killed anywhere goes on, and each message is sent once`() async throws {
        let kills = ProcessInfo.processInfo.environment["TELLER_TEST_REPLAY_KILLS"].flatMap { Int($0) } ?? 8
        let seed = ProcessInfo.processInfo.environment["TELLER_TEST_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...UInt64.max)
        print("seed \(seed), \(kills) kills")
        try await ReplayBank.with { bank in
            var state = seed
            func random(_ range: ClosedRange<Int>) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return range.lowerBound + Int(state >> 33) % range.count
            }
            let requests = try await bank.deadLetters(kills * 12)
            let plan = try await bank.tool.plan(try await bank.group(of: requests[0]), "--rate", "25/s", "--canary", "1,5")
            var killed = 0
            while true {
                let replay = try bank.tool.start(["replay", plan])
                if killed < kills {
                    // From before it has connected until some seconds into its work.
                    try await Task.sleep(for: .milliseconds(random(20...600)))
                    if replay.isRunning { replay.signal(SIGKILL) }
                }
                let ended = try await replay.end()
                if ended.status == 0 { break }
                #expect(ended.status == -SIGKILL, "\(ended.errors)")
                killed += 1
            }
            try await bank.expectReplayedOnce(requests)
            #expect(try await bank.world.count("SELECT count(*) FROM teller.replay_items WHERE plan_id = '\(plan)' AND state = 'settled'") == requests.count)
            #expect(killed == kills)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `still-broken messages brake the plan after five at most, and it goes on when that is said`() async throws {
        try await ReplayBank.with { bank in
            let requests = try await bank.failing(30)
            let plan = try await bank.tool.plan(try await bank.group(of: requests[0]), "--rate", "200/s")
            let braked = try await bank.tool.dead("replay", plan)
            #expect(braked.status == 75)
            #expect(try braked.document["state"] == "braked")
            #expect(try await bank.world.count("SELECT sent FROM teller.replay_plans WHERE plan_id = '\(plan)'") <= 5)
            // It does not go on by mistake.
            #expect(try await bank.tool.dead("replay", plan).status == 65)
            try await bank.mend()
            let released = try await bank.tool.dead("replay", plan, "--release-brake")
            #expect(try released.document["state"] == "finished", "\(released.errors)")
            // Those that failed again are dead letters again, for another plan.
            let failed = try await bank.world.count("SELECT count(*) FROM teller.replay_items WHERE plan_id = '\(plan)' AND state = 'failed'")
            #expect(released.status == 65 && (1...5).contains(failed))
            #expect(try await bank.count("SELECT count(*) FROM teller.failures, wanted WHERE request_id = ANY (ids) AND state = 'open'", requests) == failed)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a slow live queue brakes the plan`() async throws {
        let requests = try await ReplayBank.with { bank in try await bank.deadLetters(3) }
        // No worker is there now, so what is sent waits.
        let tool = ReplayTool(world: try await WorkerWorld.shared.value)
        let plan = try await tool.plan(["--request", requests[0].id], "--brake-latency", "1.5")
        let braked = try await tool.dead("replay", plan)
        #expect(try braked.status == 75 && braked.document["stop_reason"]?.string?.contains("live queue") == true)
        try await ReplayBank.with { bank in
            // While the queue is as slow as before, it would be braked again.
            while try await bank.world.count("SELECT count(arrived_at) FROM teller.replay_items WHERE plan_id = '\(plan)'") == 0 {
                try await Task.sleep(for: .milliseconds(50))
            }
            let ended = try await bank.tool.dead("replay", plan, "--release-brake")
            #expect(ended.status == 0, "\(ended)")
        }
    }

    @Test(.timeLimit(.minutes(5))) func `the rate holds`() async throws {
        try await ReplayBank.with { bank in
            let requests = try await bank.deadLetters(150)
            let plan = try await bank.tool.plan(try await bank.group(of: requests[0]), "--rate", "50/s", "--canary", "none")
            try await bank.replay(plan)
            // Never more in any second than the rate and what a bucket holds, and hardly less over the whole.
            let most = try await bank.world.count(
                """
                SELECT max(sent) FROM (SELECT count(*) OVER (ORDER BY sent_at RANGE BETWEEN CURRENT ROW AND '1 second' FOLLOWING) AS sent
                FROM teller.replay_items WHERE plan_id = '\(plan)') AS window_of
                """)
            let milliseconds = try await bank.world.count(
                "SELECT (extract(epoch FROM max(sent_at) - min(sent_at)) * 1000)::integer FROM teller.replay_items WHERE plan_id = '\(plan)'")
            print("150 messages at 50/s in \(milliseconds) ms, at most \(most) in a second")
            #expect(most <= 50 + 13)
            #expect(milliseconds >= 2700)
            try await bank.expectReplayedOnce(requests)
        }
    }
}
