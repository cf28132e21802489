import AMQP
import Foundation
import TellerMessages
import Testing

/// One worker among hostile clients: whatever they send has one outcome, of the right kind, and harms nobody.
@Suite(.serialized, .hostileStage) struct HostileTests {
    /// What the cases are about.
    enum Subject: String, CaseIterable, CustomTestStringConvertible {
        case framing, text, numbers, shapes, sizes, plans, properties, replies, headers, tokens, words

        var testDescription: String { self.rawValue }

        func cases(_ observer: HostileObserver) -> [HostileCase] {
            switch self {
            case .framing: HostileFraming.cases
            case .text: HostileText.cases
            case .numbers: HostileNumbers.cases
            case .shapes: HostileShapes.cases
            case .sizes: HostileSizes.cases
            case .plans: HostilePlans.cases
            case .properties: HostileProperties.cases
            case .replies: HostileReplies.cases(observer)
            case .headers: HostileHeaders.cases(observer)
            case .tokens: HostileTokens.cases
            case .words: HostileWords.cases
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Subject.allCases)
    func `each message has one outcome, and the next good request is answered`(_ subject: Subject) async throws {
        let stage = try #require(HostileStage.current)
        let cases = subject.cases(stage.observer)
        let complaints = try await stage.complaints(about: cases)
        #expect(complaints.isEmpty, "\(complaints.count) of \(cases.count):\n\(complaints.joined(separator: "\n"))")
        #expect(try await stage.world.messages(in: stage.observer.victimQueue) == 0)
    }
}

extension HostileTests {
    @Test(.timeLimit(.minutes(5))) func `an id that is taken is a conflict, whoever took it, and its answer stays what it is`() async throws {
        let stage = try #require(HostileStage.current)
        let first = try HostileDraft()
        let answer = try #require(try await stage.answer(to: first))
        #expect(answer.properties.messageID == AnswerID.make(request: first.key, version: 1).uuidString.lowercased())

        var thief = HostileToken()
        thief.claims = thief.claims.replacing("C-1001", with: "C-1003")
        let stolen = try thief.text()
        let changes: [(inout HostileDraft) -> Void] = [
            { $0[member: "question"] = "\"Another question?\"" },
            { $0[member: "conversation_id"] = "\"another\"" },
            { $0.body = $0.bytes + [0x20] },
            {
                $0[member: "customer_id"] = "\"C-1003\""
                $0.token = stolen
            },
        ]
        for change in changes {
            var other = try HostileDraft()
            other[member: "conversation_id"] = "\"\(first.key)\""
            change(&other)
            other.properties.messageID = first.key
            other.properties.correlationID = other.key
            let conflict = try #require(try await stage.answer(to: other))
            let problem = try ChatAnswer(decoding: conflict.body)
            #expect(problem.status == .failed && problem.problem?.type.hasSuffix("id-conflict") == true && problem.facts.isEmpty)
            #expect(conflict.properties.messageID != answer.properties.messageID)
        }
        let again = try #require(try await stage.answer(to: first))
        #expect(again.body == answer.body && again.properties.messageID == answer.properties.messageID)
    }

    @Test(.timeLimit(.minutes(5))) func `an answer to what was never accepted does not take the id of the answer that may follow`() async throws {
        let stage = try #require(HostileStage.current)
        let good = try HostileDraft()
        var nobody = good
        nobody.token = nil
        var broken = good
        broken.body = [0]
        let refused = try #require(try await stage.answer(to: nobody))
        let failed = try #require(try await stage.answer(to: broken))
        let answered = try #require(try await stage.answer(to: good))
        #expect(try ChatAnswer(decoding: answered.body).status == .answered)
        #expect(Set([refused, failed, answered].map(\.properties.messageID)).count == 3)
        // And afterwards the same ones are the same again.
        #expect(try await stage.answer(to: nobody)?.body == refused.body)
        #expect(try await stage.answer(to: broken)?.body == failed.body)
        #expect(try await stage.answer(to: good)?.body == answered.body)
    }

    @Test(.timeLimit(.minutes(5))) func `the worker's log repeats nothing that a message held`() throws {
        let stage = try #require(HostileStage.current)
        let log = try String(contentsOfFile: stage.log, encoding: .utf8)
        #expect(log.contains("An attempt failed"))
        for word in [HostileDraft.canary, "Bearer", "eyJ", "\u{1B}[", "\u{202E}", "DROP TABLE"] { #expect(!log.contains(word)) }
    }

    @Test(.timeLimit(.minutes(5))) func `the broker still dead-letters at least once, and from queues where forged deaths expired`() async throws {
        let stage = try #require(HostileStage.current)
        let run = UUID().uuidString
        let target = AMQPTopology.Queue.quorum("hostile.target.\(run)", arguments: ["x-expires": .int64(600_000)])
        func source(_ name: String, _ strategy: String) -> AMQPTopology.Queue {
            .quorum("hostile.\(name).\(run)", arguments: [
                "x-expires": .int64(600_000), "x-dead-letter-exchange": "", "x-dead-letter-routing-key": .string(target.name),
                "x-dead-letter-strategy": .string(strategy), "x-overflow": "reject-publish",
            ])
        }
        // As the queues for requests are, and as a queue beside Teller's may be.
        let (requests, careful) = (source("requests", "at-most-once"), source("careful", "at-least-once"))
        let connection = try await AMQPConnection.connect(stage.world.broker)
        try await AMQPTopology(queues: [target, requests, careful]).apply(on: connection)
        await connection.close()
        let deaths: [AMQPValue] = [.array([1, 2]), .array([.table(["queue": .string(target.name), "reason": "expired"])]), "x"]
        for death in deaths {
            let properties = AMQPProperties(headers: ["x-death": death], deliveryMode: 2, expiration: "1")
            try await stage.publisher.publish(AMQPMessage(properties: properties, body: []), exchange: "", routingKey: requests.name)
        }
        for queue in [requests, careful] {
            let letter = AMQPMessage(properties: AMQPProperties(deliveryMode: 2, expiration: "1"), body: Array("good".utf8))
            try await stage.publisher.publish(letter, exchange: "", routingKey: queue.name)
        }
        try await AMQPConsumer.with(stage.world.broker, queues: [target.name]) { consumer in
            var good = 0
            for await delivery in consumer.deliveries {
                try await delivery.acknowledge()
                if delivery.text == "good" { good += 1 }
                if good == 2 { break }
            }
        }
        #expect(try await stage.isWorking())
    }
}
