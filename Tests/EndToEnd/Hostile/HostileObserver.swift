import AMQP
import EventLoops
import TellerMessages

/// Keeps everything that comes of hostile messages: answers wherever they are allowed to go, and dead letters.
final class HostileObserver: Sendable {
    struct Answer: Sendable {
        let properties: AMQPProperties
        let body: [UInt8]
    }

    /// What came of one message.
    struct Traces: Sendable {
        var answers: [Answer] = []
        var letters: [AMQPMessage] = []
    }

    let answerQueue: String
    let letterQueue: String
    /// A queue that a requester may name in `reply_to`.
    let replyQueue: String
    /// A queue that no requester may have anything sent to.
    let victimQueue: String
    private let traces = Locked<[String: Traces]>([:])

    init(_ run: String) {
        self.answerQueue = "hostile.answers.\(run)"
        self.letterQueue = "hostile.letters.\(run)"
        self.replyQueue = "teller.replies.hostile.\(run)"
        self.victimQueue = "hostile.victim.\(run)"
    }

    /// The queues, which see what the exchanges for answers and for dead letters get.
    var topology: AMQPTopology {
        let lifetime: AMQPTable = ["x-expires": .int64(600_000)]
        let queues = [self.answerQueue, self.letterQueue, self.replyQueue, self.victimQueue]
        return AMQPTopology(
            queues: queues.map { .quorum($0, arguments: lifetime) },
            bindings: [
                .init(from: "teller.answers", to: .queue(self.answerQueue), routingKey: "#"),
                .init(from: "teller.dead", to: .queue(self.letterQueue), routingKey: "#"),
            ])
    }

    /// Listens until the consumer ends.
    func listen(to consumer: AMQPConsumer) async {
        for await delivery in consumer.deliveries {
            let keys = Self.keys(of: delivery)
            self.traces.withLock { traces in
                for key in keys {
                    if delivery.queue == self.letterQueue {
                        traces[key, default: Traces()].letters.append(delivery.message)
                    } else {
                        traces[key, default: Traces()].answers.append(Answer(properties: delivery.properties, body: delivery.body))
                    }
                }
            }
            try? await delivery.acknowledge()
        }
    }

    /// What came of the message with that key.
    subscript(key: String) -> Traces { self.traces.withLock { $0[key] ?? Traces() } }

    /// What a message may be known by: the message's own ids are spoilt in some cases, its routing key in others.
    private static func keys(of delivery: AMQPDelivery) -> Set<String> {
        var keys: Set<String> = []
        for text in [delivery.properties.correlationID, delivery.properties.messageID] {
            if let text { keys.insert(text) }
        }
        if let last = delivery.routingKey.split(separator: ".").last { keys.insert(String(last)) }
        return keys
    }
}
