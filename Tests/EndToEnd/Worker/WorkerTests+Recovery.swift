import AMQP
import Foundation
import Glibc
import TellerMessages
import Testing

extension WorkerTests {
    /// Processes and servers that die.
    @Suite(.serialized) struct Recovery {
        @Test(.timeLimit(.minutes(10)))
        func `500 requests survive killed workers and a restarted broker: none lost, no two different answers`() async throws {
            let world = try await WorkerWorld.shared.value
            let workers = [try SupervisedWorker(in: world), try SupervisedWorker(in: world)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in workers { group.addTask { try await worker.run() } }
                try await WorkerRequester.with(in: world) { requester in
                    var ids: [String] = []
                    let kills = Task {
                        for round in 0..<6 {
                            try await Task.sleep(for: .seconds(2))
                            await workers[round % 2].signal(SIGKILL)
                            if round == 2 { try await world.service("restart-broker") }
                        }
                    }
                    for number in 0..<500 {
                        let request = try await requester.request(from: "C-100\(number % 6 + 1)")
                        ids.append(request.id)
                        try await requester.publish(request)
                        // Spread over the time of the faults.
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    try await kills.value
                    #expect(try await requester.statuses(of: ids, within: .seconds(120)) == [.answered])
                    for id in ids {
                        let answers = requester.answers(to: id)
                        #expect(Set(answers.map(\.body)).count == 1 && Set(answers.map(\.messageID)).count == 1)
                    }
                    let list = ids.map { "'\($0)'" }.joined(separator: ",")
                    #expect(try await world.count("SELECT count(*) FROM teller.answers WHERE request_id IN (\(list))") == 500)
                    #expect(try await world.count("SELECT count(*) FROM teller.failures WHERE request_id IN (\(list))") == 0)
                    #expect(try await world.messages(in: "teller.requests.banking") == 0)
                }
                for worker in workers { try await worker.stop() }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["recorded", "published"])
        func `a request whose worker dies once its answer is recorded is answered with those bytes, without inference`(
            _ place: String
        ) async throws {
            let world = try await WorkerWorld.shared.value
            try await WorkerRequester.with(in: world) { requester in
                let request = try await requester.request { $0.body.plan = nil }
                let doomed = try WorkerProcess(in: world, ["TELLER_FAULT_KILL": place])
                try await requester.publish(request)
                #expect(try await doomed.end() == -SIGKILL)
                let recorded = try await world.count("SELECT length(body) FROM teller.answers WHERE request_id = '\(request.id)'")
                try await WorkerProcess.with(in: world) { _ in
                    // Published once before the death, or not at all; published by the second worker in any case.
                    let expected = place == "published" ? 2 : 1
                    let deadline = ContinuousClock.now + .seconds(60)
                    while requester.answers(to: request.id).count < expected, ContinuousClock.now < deadline {
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    let answers = requester.answers(to: request.id)
                    #expect(answers.count == expected)
                    #expect(Set(answers.map(\.body)).count == 1 && answers.first?.body.count == recorded)
                    #expect(try await world.count("SELECT attempt FROM teller.requests WHERE request_id = '\(request.id)'") == 1)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `a worker that is told to stop under load loses nothing and counts no failure`() async throws {
            let world = try await WorkerWorld.shared.value
            try await WorkerRequester.with(in: world) { requester in
                let first = try WorkerProcess(in: world)
                // A signal before it has begun would just end it.
                #expect(try await requester.ask(try await requester.request()).status == .answered)
                var ids: [String] = []
                for number in 0..<200 {
                    let request = try await requester.request()
                    ids.append(request.id)
                    try await requester.publish(request)
                    if number == 100 { first.signal(SIGTERM) }
                }
                #expect(try await first.end() == 0)
                let statuses = try await WorkerProcess.with(in: world) { _ in try await requester.statuses(of: ids) }
                #expect(statuses == [.answered])
                let list = ids.map { "'\($0)'" }.joined(separator: ",")
                #expect(try await world.count("SELECT count(*) FROM teller.requests WHERE request_id IN (\(list)) AND failures > 0") == 0)
                #expect(try await world.count("SELECT count(*) FROM teller.outbox o JOIN teller.answers a USING (answer_id) WHERE a.request_id IN (\(list))") == 0)
                for id in ids { #expect(requester.answers(to: id).count == 1) }
            }
        }

        @Test(.timeLimit(.minutes(5)), arguments: ["restart-broker", "restart-database", "kill-database"])
        func `a server that goes away and comes back is found again by itself`(_ action: String) async throws {
            let world = try await WorkerWorld.shared.value
            try await WorkerProcess.with(in: world) { workers in
                try await WorkerRequester.with(in: world) { requester in
                    #expect(try await requester.ask(try await requester.request()).status == .answered)
                    try await world.service(action)
                    if action.hasPrefix("kill") { try await world.service("start") }
                    for _ in 0..<20 {
                        let answer = try await requester.ask(try await requester.request(), within: .seconds(60))
                        #expect(answer.status == .answered)
                    }
                    for worker in workers { #expect(worker.isRunning) }
                }
            }
        }
    }
}
