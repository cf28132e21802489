import AMQP
import Foundation
import Testing

@Suite(.timeLimit(.minutes(2))) struct AMQPConsumeTests {
    private let broker: AMQPTestBroker

    init() throws { self.broker = try AMQPTestBroker.shared() }

    private func fill(_ queue: String, _ texts: [String]) async throws {
        try await AMQPPublisher.with(self.broker.configuration) { publisher in
            for text in texts { try await publisher.publish(text, to: queue) }
        }
    }

    @Test func `what is acknowledged is gone, what is given back comes again, what is rejected is dropped`()
        async throws
    {
        let queue = try await self.broker.queue()
        try await self.fill(queue, ["keep", "again", "drop"])
        try await AMQPConsumer.with(self.broker.configuration, queues: [queue]) { consumer in
            var seen: [String] = []
            for await delivery in consumer.deliveries {
                seen.append(delivery.text)
                switch delivery.text {
                case "again" where !delivery.redelivered: try await delivery.nack(requeue: true)
                case "drop": try await delivery.reject(requeue: false)
                default: try await delivery.acknowledge()
                }
                if seen.count == 4 { break }
            }
            #expect(seen.sorted() == ["again", "again", "drop", "keep"])
            #expect(consumer.status.messages == 4)
            #expect(consumer.status.lastDelivery != nil)
        }
        #expect(try await self.broker.messageCount(queue) == 0)
    }

    @Test func `several tasks share a consumer of several queues, and every message is handled once`() async throws {
        let queues = [try await self.broker.queue(), try await self.broker.queue()]
        for queue in queues { try await self.fill(queue, (0..<100).map { "\(queue) \($0)" }) }
        try await AMQPConsumer.with(self.broker.configuration, queues: queues) { consumer in
            let texts = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var texts: [String] = []
                        for await delivery in consumer.deliveries {
                            #expect(delivery.text.hasPrefix(delivery.queue))
                            texts.append(delivery.text)
                            try await delivery.acknowledge()
                        }
                        return texts
                    }
                }
                try await amqpEventually("all are delivered") { consumer.status.messages == 200 }
                await consumer.cancel()
                var all: [String] = []
                for try await texts in group { all += texts }
                return all
            }
            #expect(Set(texts).count == 200)
            #expect(texts.count == 200)
        }
        for queue in queues { #expect(try await self.broker.messageCount(queue) == 0) }
    }

    @Test func `prefetch bounds what is unsettled`() async throws {
        let queue = try await self.broker.queue()
        try await self.fill(queue, (0..<20).map(String.init))
        try await AMQPConsumer.with(self.broker.configuration, queues: [queue], prefetch: 3) { consumer in
            try await amqpEventually("three come") { consumer.status.messages == 3 }
            try await Task.sleep(for: .milliseconds(300))
            #expect(consumer.status.messages == 3)
        }
    }

    @Test func `cancel gives back what nobody took, ends the sequence, and what was taken can be settled`() async throws
    {
        let queue = try await self.broker.queue()
        try await self.fill(queue, (0..<8).map(String.init))
        try await AMQPConsumer.with(self.broker.configuration, queues: [queue], prefetch: 8) { consumer in
            var iterator = consumer.deliveries.makeAsyncIterator()
            let taken = try #require(await iterator.next())
            try await amqpEventually("all are prefetched") { consumer.status.messages == 8 }
            await consumer.cancel()
            #expect(await iterator.next() == nil)
            try await amqpEventually("seven are back") { try await self.broker.messageCount(queue) == 7 }
            try await taken.acknowledge()
        }
        #expect(try await self.broker.messageCount(queue) == 7)
    }

    @Test func `a delivery is settled once, and not after its connection is gone`() async throws {
        let queue = try await self.broker.queue()
        try await self.fill(queue, ["a", "b"])
        var left: AMQPDelivery?
        try await AMQPConsumer.with(self.broker.configuration, queues: [queue]) { consumer in
            var iterator = consumer.deliveries.makeAsyncIterator()
            let first = try #require(await iterator.next())
            try await first.acknowledge()
            let error = await #expect(throws: AMQPError.self) { try await first.acknowledge() }
            #expect(error?.code == .alreadySettled)
            left = await iterator.next()
        }
        let error = await #expect(throws: AMQPError.self) { try await left?.acknowledge() }
        #expect(error?.code == .closed)
        try await amqpEventually("the other is back") { try await self.broker.messageCount(queue) == 1 }
    }

    @Test func `a double ack closes only its channel`() async throws {
        let queue = try await self.broker.queue()
        try await self.fill(queue, ["a", "b"])
        let connection = try await AMQPConnection.connect(self.broker.configuration)
        let (hurt, other) = (try await connection.openChannel(), try await connection.openChannel())
        let delivery = try #require(try await hurt.get(queue))
        try await delivery.acknowledge()
        let unsettled = try #require(try await hurt.get(queue))
        try await hurt.acknowledge(tag: delivery.deliveryTag)
        let error = await #expect(throws: AMQPError.self) { try await hurt.messageCount(queue) }
        #expect(error?.code == .channelClosed)
        #expect(error?.replyCode == 406)
        let late = await #expect(throws: AMQPError.self) { try await unsettled.acknowledge() }
        #expect(late?.replyCode == 406)
        // The other channel works on, the number is free again, and what was unsettled is back.
        #expect(try await other.checkQueue(queue).name == queue)
        let again = try await connection.openChannel()
        let redelivered = try #require(try await again.get(queue))
        #expect(redelivered.redelivered)
        try await redelivered.acknowledge()
        await connection.close()
    }

    @Test func `a consumer outlives its queue and takes up the next one of that name`() async throws {
        let queue = try await self.broker.queue()
        try await AMQPConsumer.with(self.broker.configuration, queues: [queue]) { consumer in
            try await amqpEventually("consuming") { consumer.status.phase == .connected }
            try await self.broker.withChannel { channel throws(AMQPError) in _ = try await channel.deleteQueue(queue) }
            try await amqpEventually("the loss is noticed") { consumer.status.phase == .degraded }
            #expect(consumer.status.lastError != nil)
            try await Task.sleep(for: .seconds(1))
            try await self.broker.declare(queue)
            try await self.fill(queue, ["new"])
            var iterator = consumer.deliveries.makeAsyncIterator()
            let delivery = try #require(await iterator.next())
            #expect(delivery.text == "new")
            try await delivery.acknowledge()
            #expect(consumer.status.reconnects == 0)
            try await amqpEventually("consuming again") { consumer.status.phase == .connected }
        }
    }

    @Test func `a missing queue does not keep the others from being consumed`() async throws {
        let (queue, missing) = (try await self.broker.queue(), "missing.\(UUID().uuidString)")
        try await AMQPConsumer.with(self.broker.configuration, queues: [missing, queue]) { consumer in
            try await self.fill(queue, ["a"])
            var iterator = consumer.deliveries.makeAsyncIterator()
            #expect(await iterator.next()?.text == "a")
            try await amqpEventually("the reason is known") { consumer.status.lastError?.replyCode == 404 }
            #expect(consumer.status.phase == .degraded)
            // A delivery may come before the broker's answer, which alone makes the queue one that is consumed, is seen.
            try await amqpEventually("the other queue is consumed") { consumer.status.queues == [queue] }
            #expect(consumer.status.phase == .degraded)
        }
    }

    @Test func `a queue of the connection's own is declared before it is consumed`() async throws {
        let answers = "answers.\(UUID().uuidString)"
        let topology = AMQPTopology(queues: [.init(answers, isDurable: false, isExclusive: true, isAutoDelete: true)])
        try await AMQPConsumer.with(self.broker.configuration, queues: [answers], declaring: topology) { consumer in
            try await amqpEventually("consuming") { consumer.status.phase == .connected }
            try await self.fill(answers, ["answer"])
            var iterator = consumer.deliveries.makeAsyncIterator()
            #expect(await iterator.next()?.text == "answer")
        }
    }

    @Test func `heartbeats flow while handlers are silent`() async throws {
        let queue = try await self.broker.queue()
        try await self.fill(queue, ["slow"])
        var configuration = self.broker.configuration
        configuration.heartbeat = .seconds(2)
        try await AMQPConsumer.with(configuration, queues: [queue]) { consumer in
            var iterator = consumer.deliveries.makeAsyncIterator()
            let delivery = try #require(await iterator.next())
            try await Task.sleep(for: .seconds(8))
            try await delivery.acknowledge()
            #expect(consumer.status.reconnects == 0)
        }
        #expect(try await self.broker.messageCount(queue) == 0)
    }

    @Test func `heartbeats flow while every thread of the pool is busy`() async throws {
        let queue = try await self.broker.queue()
        try await self.fill(queue, ["busy"])
        var configuration = self.broker.configuration
        configuration.heartbeat = .seconds(1)
        try await AMQPConsumer.with(configuration, queues: [queue]) { consumer in
            var iterator = consumer.deliveries.makeAsyncIterator()
            let delivery = try #require(await iterator.next())
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
                    group.addTask { Self.occupyThread(for: .seconds(5)) }
                }
            }
            try await delivery.acknowledge()
            #expect(consumer.status.reconnects == 0)
        }
        #expect(try await self.broker.messageCount(queue) == 0)
    }

    /// Blocks the thread, as inference on the wrong thread would.
    private static func occupyThread(for time: Duration) {
        let end = ContinuousClock.now + time
        while .now < end { Thread.sleep(forTimeInterval: 0.01) }
    }

    @Test(arguments: [63, 64, 5_000, 18_000])
    func `headers nested to any depth are survived`(levels: Int) async throws {
        let queue = try await self.broker.queue()
        try await AMQPRawClient().publish(headers: AMQPRawClient.nested(levels), to: queue, self.broker.configuration)
        try await self.fill(queue, ["next"])
        try await AMQPConsumer.with(self.broker.configuration, queues: [queue]) { consumer in
            var iterator = consumer.deliveries.makeAsyncIterator()
            let deep = try #require(await iterator.next())
            #expect(deep.properties.malformed == (levels >= AMQPTable.maximumDepth ? ["headers"] : []))
            try await deep.acknowledge()
            #expect(await iterator.next()?.text == "next")
            #expect(consumer.status.reconnects == 0)
        }
    }

    @Test func `texts that are not UTF-8 are reported and do not stop the consumer`() async throws {
        let queue = try await self.broker.queue()
        // Headers and, as flagged in the order of the protocol, a correlation id.
        let header = AMQPRawClient.short([0x61, 0xFF]) + [UInt8(ascii: "S")] + AMQPRawClient.long([0xC3])
        try await AMQPRawClient().publish(
            headers: header, flags: 1 << 10, properties: AMQPRawClient.short([0xFF, 0xFE]), to: queue,
            self.broker.configuration)
        try await AMQPConsumer.with(self.broker.configuration, queues: [queue]) { consumer in
            var iterator = consumer.deliveries.makeAsyncIterator()
            let delivery = try #require(await iterator.next())
            #expect(delivery.properties.malformed == ["headers", "correlation-id"])
            #expect(delivery.properties.correlationID == nil)
            #expect(delivery.properties.headers?.entries.first?.value == .longString([0xC3]))
            try await delivery.acknowledge()
        }
    }
}
