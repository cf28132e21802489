import AMQP
import Foundation
import TellerMessages
import Testing

/// What workers and the broker give up comes into the database, once and whole, and its requester hears of it.
@Suite(.serialized) struct DeadLettersIngestTests {
    private func state(_ world: WorkerWorld, _ request: String, _ condition: String) async throws -> Int {
        try await world.count(
            "SELECT count(*) FROM teller.failures WHERE properties @> jsonb_build_object('message_id', '\(request)') AND \(condition)")
    }

    @Test(.timeLimit(.minutes(5))) func `what a worker gives up is kept as its client sent it, and its copy leaves the queue`() async throws {
        let world = try await WorkerWorld.shared.value
        try await WorkerProcess.with(in: world) { _ in
            try await WorkerRequester.with(in: world) { requester in
                var message = try await requester.request().message
                let id = try #require(message.properties.messageID)
                message.body = Array("not json".utf8)
                message.properties.headers?["tenant"] = .int32(7)
                message.properties.headers?["CC"] = .array(["elsewhere"])
                message.properties.appID = "app\0"
                try await requester.publish(message)
                #expect(try await requester.answer(to: id).answer.status == .failed)
                try await amqpEventually("the copy leaves the queue") { try await world.messages(in: "teller.dead") == 0 }
                let kept = try await self.state(
                    world, id,
                    """
                    source = 'worker' AND state = 'open' AND routing_key = 'banking.test' AND exchange = 'teller.requests'
                    AND properties @> '{"headers": [{"name": "tenant", "value": {"int32": 7}}, {"name": "CC", "value": {"array": ["elsewhere"]}}]}'
                    AND properties @> '{"app_id": {"utf8": "61707000"}}' AND jsonb_array_length(withheld) = 1 AND body = 'not json'::bytea
                    """)
                #expect(kept == 1)
                let shown = try await WorkerWorld.run(WorkerWorld.program, ["dead", "list", "--header", "tenant=7", "--output", "json"], world.environment)
                #expect(shown.contains(id) && !shown.contains("Bearer") && !shown.contains("not json"))
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a request that the broker let expire is answered as expired, once, and kept once`() async throws {
        let world = try await WorkerWorld.shared.value
        try await WorkerRequester.with(in: world) { requester in
            var message = try await requester.request().message
            let id = try #require(message.properties.messageID)
            message.properties.expiration = "1"
            message.properties.headers?["tenant"] = "east"
            try await requester.publish(message)
            try await amqpEventually("the broker gives it up") { try await world.messages(in: "teller.dead") == 1 }
            let output = try await WorkerWorld.run(WorkerWorld.program, ["dead", "ingest", "--once", "--output", "json"], world.environment)
            #expect(output.contains(#""kept":1"#))
            let first = try await requester.answer(to: id)
            #expect(try first.answer.status == .expired)
            let condition = """
                source = 'broker' AND broker_reason = 'expired' AND failure_class = 'expired' AND customer_id = 'C-1001' AND request_id = '\(id)'
                AND queue = 'teller.requests.banking' AND NOT properties::text LIKE '%x-death%' AND properties::text LIKE '%east%'
                """
            #expect(try await self.state(world, id, condition) == 1)
            #expect(try await world.count("SELECT count(*) FROM teller.answers WHERE request_id = '\(id)' AND status = 'expired'") == 1)

            // The same message once more, as after a crash before the acknowledgement; and the request once more, in time.
            try await requester.publish(message)
            try await amqpEventually("the broker gives it up again") { try await world.messages(in: "teller.dead") == 1 }
            try await WorkerProcess.with(in: world) { _ in
                try await amqpEventually("a worker takes it in") { try await world.messages(in: "teller.dead") == 0 }
                message.properties.expiration = nil
                try await requester.publish(message)
                try await amqpEventually("it is answered again") { requester.answers(to: id).count == 2 }
            }
            #expect(Set(requester.answers(to: id).map(\.body)) == [first.body])
            #expect(try await self.state(world, id, "true") == 1)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `dead letters wait in their queue while the database is away`() async throws {
        let world = try await WorkerWorld.shared.value
        try await WorkerRequester.with(in: world) { requester in
            var ids: [String] = []
            for _ in 0..<20 {
                var message = try await requester.request().message
                message.properties.expiration = "1"
                ids.append(try #require(message.properties.messageID))
                try await requester.publish(message)
            }
            try await amqpEventually("the broker gives them up") { try await world.messages(in: "teller.dead") == 20 }
            try await WorkerProcess.with(in: world) { _ in
                try await world.service("kill-database")
                try await Task.sleep(for: .seconds(1))
                try await world.service("start")
                #expect(try await requester.statuses(of: ids) == [.expired])
                try await amqpEventually("all are taken in") { try await world.messages(in: "teller.dead") == 0 }
            }
            let list = ids.map { "'\($0)'" }.joined(separator: ",")
            #expect(try await world.count("SELECT count(*) FROM teller.failures WHERE request_id IN (\(list))") == 20)
            for id in ids { #expect(Set(requester.answers(to: id).map(\.body)).count == 1) }
        }
    }

    @Test(.timeLimit(.minutes(5))) func `an export is for its owner alone, and what it holds comes back as it was`() async throws {
        let world = try await WorkerWorld.shared.value
        let file = world.folder + "/export-\(UUID().uuidString).jsonl"
        try await WorkerProcess.with(in: world) { _ in
            try await WorkerRequester.with(in: world) { requester in
                var message = try await requester.request().message
                let id = try #require(message.properties.messageID)
                message.body = [0xFF, 0x00, 0xFE]
                try await requester.publish(message)
                #expect(try await requester.answer(to: id).answer.status == .failed)
                let row = "SELECT hashtext(f::text) FROM teller.failures f WHERE properties @> jsonb_build_object('message_id', '\(id)')"
                let before = try await world.count(row)
                let failure = try await world.count("SELECT count(*) FROM teller.failures")
                try await WorkerWorld.run(WorkerWorld.program, ["dead", "export", file, "--properties", "$.message_id == \"\(id)\""], world.environment)
                #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
                let again = try await WorkerWorld.run(WorkerWorld.program, ["dead", "import", file, "--output", "json"], world.environment)
                #expect(again.contains(#""known":1"#))
                #expect(try await world.count("WITH gone AS (DELETE FROM teller.failures WHERE properties @> jsonb_build_object('message_id', '\(id)') RETURNING 1) SELECT count(*) FROM gone") == 1)
                let imported = try await WorkerWorld.run(WorkerWorld.program, ["dead", "import", file, "--output", "json"], world.environment)
                #expect(imported.contains(#""kept":1"#))
                #expect(try await world.count(row) == before)
                #expect(try await world.count("SELECT count(*) FROM teller.failures") == failure)
                let verified = try await WorkerWorld.run(WorkerWorld.program, ["dead", "audit", "--verify", "--output", "json"], world.environment)
                #expect(verified.contains(#""fault":null"#))
            }
        }
    }
}
