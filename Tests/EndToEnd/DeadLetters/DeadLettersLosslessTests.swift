import AMQP
import DeadLetters
import Foundation
import Postgres
import TellerMessages
import Testing

/// A dead letter is the message that failed, bit for bit.
struct DeadLettersLosslessTests {
    @Test(.timeLimit(.minutes(3)))
    func `any message that a broker delivers is kept, exported, imported and published again without the loss of a bit`() async throws {
        let seed = UInt64.random(in: .min ... .max)
        let broker = try AMQPTestBroker.shared()
        let queue = try await broker.queue()
        try await DeadLettersDatabase.with { database in
            var random = DeadLettersMessage(seed: seed)
            let messages = (0..<60).map { _ in random.message() }
            var ids: [UUID] = []
            for message in try await Self.sent(messages, through: broker, queue) {
                ids.append(try await database.bury(message, routingKey: "banking.\0\u{301}"))
            }
            var lines: [[UInt8]] = []
            _ = try await database.archive.export(DeadLetterSelection()) { lines.append($0.json.serialized) }
            try await database.ledger.owner.transaction(["SET LOCAL ROLE teller_owner", "DELETE FROM teller.failures"])
            let documents = try lines.map { try DeadLetterDocument(JSONValue(parsing: $0, maximumDepth: 512, maximumSize: 1 << 24)) }
            let imported = try await database.archive.import(documents, operation: UUID())
            #expect(imported.kept == messages.count)

            var rebuilt: [AMQPMessage] = []
            for (id, message) in zip(ids, messages) {
                let stored = try await database.take(id)
                #expect(stored.message.bits == message.bits, "seed \(seed)")
                #expect(Array(stored.routingKey.utf8) == Array("banking.\0\u{301}".utf8))
                rebuilt.append(stored.message)
            }
            let again = try await Self.sent(rebuilt, through: broker, queue)
            #expect(again.map(\.bits) == messages.map(\.bits), "seed \(seed)")
        }
    }

    @Test(.timeLimit(.minutes(2))) func `what RabbitMQ lets nobody send is kept without loss too`() async throws {
        try await DeadLettersDatabase.with { database in
            let numbers: [AMQPValue] = [
                .float(.nan), .float(Float(bitPattern: 0xFF80_0001)), .float(-.infinity), .double(.nan),
                .double(Double(bitPattern: 0x7FF0_0000_0000_0001)), .double(.infinity), .timestamp(.max),
            ]
            var nested = AMQPValue.table(["n": .array(numbers)])
            for _ in 0..<60 { nested = .table(AMQPTable([.init("", nested)])) }
            let message = AMQPMessage(
                properties: AMQPProperties(headers: ["nested": nested, "long": .string(String(repeating: "余", count: 40_000))], deliveryMode: 9),
                body: [0])
            let kept = try await database.take(try await database.bury(message))
            #expect(kept.message.bits == message.bits)
        }
    }

    /// What a consumer gets when these messages are published.
    private static func sent(_ messages: [AMQPMessage], through broker: AMQPTestBroker, _ queue: String) async throws -> [AMQPMessage] {
        try await AMQPPublisher.with(broker.configuration) { publisher in
            for message in messages { try await publisher.publish(message, exchange: "", routingKey: queue, timeout: .seconds(30)) }
        }
        return try await AMQPConsumer.with(broker.configuration, queues: [queue], prefetch: messages.count) { consumer in
            var received: [AMQPMessage] = []
            for await delivery in consumer.deliveries {
                received.append(delivery.message)
                try await delivery.acknowledge()
                if received.count == messages.count { break }
            }
            return received
        }
    }
}
