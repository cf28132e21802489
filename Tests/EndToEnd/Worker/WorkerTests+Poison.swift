import AMQP
import Foundation
import Glibc
import TellerMessages
import Testing

extension WorkerTests {
    /// Messages that no worker can answer.
    @Suite(.serialized) struct Poison {
        @Test(.timeLimit(.minutes(5))) func `a message that breaks the contract is kept, and its neighbours are answered`() async throws {
            let world = try await WorkerWorld.shared.value
            try await WorkerProcess.with(in: world) { _ in
                try await WorkerRequester.with(in: world) { requester in
                    var poison: [String] = []
                    var neighbours: [String] = []
                    let bodies: [[UInt8]] = [
                        Array("not json".utf8), [], [0xFF, 0xFE], Array(#"{"conversation_id":"c"}"#.utf8), Array(repeating: 0x5B, count: 60_000),
                        Array(repeating: 0x20, count: 100_000), Array(#"{"conversation_id":"c","customer_id":"C-1001","question":"\ud800"}"#.utf8),
                    ]
                    for body in bodies {
                        var message = try await requester.request().message
                        message.body = body
                        // What a client must not reach by its headers: another queue, and the broker's own bookkeeping.
                        message.properties.headers?["CC"] = .array(["teller.dead"])
                        message.properties.headers?["x-death"] = .array([1, 2])
                        poison.append(message.properties.messageID ?? "")
                        try await requester.publish(message)
                        let neighbour = try await requester.request()
                        neighbours.append(neighbour.id)
                        try await requester.publish(neighbour)
                    }
                    #expect(try await requester.statuses(of: neighbours) == [.answered])
                    for id in poison {
                        let answer = try await requester.answer(to: id).answer
                        #expect(answer.status == .failed && answer.problem?.failureClass == "poison")
                    }
                    let kept = try await world.count(
                        "SELECT count(*) FROM teller.failures WHERE failure_class = 'poison' AND request_id IS NULL AND last_failed_at > now() - interval '5 minutes'")
                    #expect(kept >= poison.count)
                    try await amqpEventually("their copies leave the queue, as the database holds them") {
                        try await world.messages(in: "teller.dead") == 0
                    }
                    let list = poison.map { "'\($0)'" }.joined(separator: ",")
                    #expect(try await world.count("SELECT count(*) FROM teller.failures WHERE properties ->> 'message_id' IN (\(list))") == poison.count)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `a plan that no tool can carry out is kept with the cause`() async throws {
            let world = try await WorkerWorld.shared.value
            try await WorkerProcess.with(in: world) { _ in
                try await WorkerRequester.with(in: world) { requester in
                    let request = try await requester.request { $0.body.plan = ToolCall(tool: "accounts.drop") }
                    let answer = try await requester.ask(request)
                    #expect(answer.status == .failed && answer.problem?.type.hasSuffix("invalid-plan") == true)
                    let shown = try await WorkerWorld.run(WorkerWorld.program, ["dead", "show", request.id, "--output", "json"], world.environment)
                    #expect(shown.contains("invalid-plan") && !shown.contains(request.body.question))
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `the same id with another body is a conflict, and the first answer stands`() async throws {
            let world = try await WorkerWorld.shared.value
            try await WorkerProcess.with(in: world) { _ in
                try await WorkerRequester.with(in: world) { requester in
                    let request = try await requester.request()
                    let first = try await requester.ask(request)
                    var other = request
                    other.body.question += " Now."
                    other.correlationID = "other-" + request.id
                    let conflict = try await requester.ask(other)
                    #expect(conflict.status == .failed && conflict.problem?.type.hasSuffix("id-conflict") == true && conflict.facts.isEmpty)
                    // The same id and body give the same bytes again.
                    var again = request
                    again.correlationID = "again-" + request.id
                    try await requester.publish(again)
                    let repeated = try await requester.answer(to: again.correlationID)
                    #expect(repeated.body == first.json.serialized)
                    #expect(repeated.messageID == requester.answers(to: request.id).first?.messageID)
                    #expect(try await world.count("SELECT attempt FROM teller.requests WHERE request_id = '\(request.id)'") == 1)
                }
            }
        }

        @Test(.timeLimit(.minutes(5))) func `a message that crashes the process is quarantined after three crashes, alone`() async throws {
            let world = try await WorkerWorld.shared.value
            let worker = try SupervisedWorker(in: world, ["TELLER_FAULT_KILL": "claimed:BOOM"])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await worker.run() }
                try await WorkerRequester.with(in: world) { requester in
                    var neighbours: [String] = []
                    let crashing = try await requester.request(question: "BOOM")
                    for number in 0..<10 {
                        if number == 3 { try await requester.publish(crashing) }
                        let neighbour = try await requester.request()
                        neighbours.append(neighbour.id)
                        try await requester.publish(neighbour)
                    }
                    let answer = try await requester.answer(to: crashing.id, within: .seconds(120)).answer
                    #expect(answer.status == .failed && answer.problem?.type.hasSuffix("crash-loop") == true)
                    #expect(try await requester.statuses(of: neighbours) == [.answered])
                    for id in neighbours { #expect(Set(requester.answers(to: id).map(\.body)).count == 1) }
                    #expect(await worker.restarts == 3)
                    let letters = try await world.count("SELECT count(*) FROM teller.failures WHERE request_id = '\(crashing.id)'")
                    #expect(letters == 1)
                }
                try await worker.stop()
            }
        }
    }
}
