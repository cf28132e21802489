import AMQP
import Foundation
import Testing

/// Runs a whole suite against a broker of its own.
struct AMQPPrivateBroker: SuiteTrait, TestScoping {
    @TaskLocal static var current: AMQPTestBroker?

    let isRecursive = false

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let broker = try await AMQPTestBroker.start()
        do {
            try await Self.$current.withValue(broker) { try await function() }
        } catch {
            try await broker.delete()
            throw error
        }
        try await broker.delete()
    }
}

/// What the clients live through when the broker closes, stops, dies or runs out of memory.
@Suite(.serialized, AMQPPrivateBroker(), .timeLimit(.minutes(4))) struct AMQPRecoveryTests {
    private let broker: AMQPTestBroker

    init() throws { self.broker = try #require(AMQPPrivateBroker.current) }

    /// Publishes without pause while a fault happens, then expects every confirmed message to be there, and consumes
    /// meanwhile as the worker does.
    private func publishThrough(
        count: Int, _ fault: @Sendable @escaping () async throws -> Void
    ) async throws -> (reconnects: UInt64, duplicates: Int) {
        let queue = try await self.broker.queue()
        return try await AMQPConsumer.with(self.broker.configuration, queues: [queue], prefetch: 50) { consumer in
            try await AMQPPublisher.with(self.broker.configuration) { publisher in
                try await publisher.publish("first", to: queue)
                let seen = Task {
                    var seen: [String: Int] = [:]
                    for await delivery in consumer.deliveries {
                        seen[delivery.text, default: 0] += 1
                        do { try await delivery.acknowledge() } catch {
                            // The connection went while it was handled: it comes again.
                            continue
                        }
                        if seen.count == count + 1 { break }
                    }
                    return seen
                }
                async let publishing: Void = withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<count {
                        if index >= 20 { try await group.next() }
                        group.addTask { try await publisher.publish("\(index)", to: queue, timeout: .seconds(120)) }
                    }
                    try await group.waitForAll()
                }
                try await fault()
                try await publishing
                let counts = await seen.value
                #expect(Set(counts.keys) == Set((0..<count).map(String.init) + ["first"]))
                return (publisher.status.reconnects, counts.values.reduce(0, +) - counts.count)
            }
        }
    }

    @Test func `connections closed by an operator lose nothing that was confirmed`() async throws {
        let result = try await self.publishThrough(count: 4_000) {
            for _ in 0..<2 {
                try await self.broker.control("close_all_connections", "maintenance")
                try await Task.sleep(for: .milliseconds(300))
            }
        }
        #expect(result.reconnects >= 1)
    }

    @Test func `a broker that restarts loses nothing that was confirmed`() async throws {
        let result = try await self.publishThrough(count: 2_000) { try await self.broker.service("restart-broker") }
        #expect(result.reconnects >= 1)
    }

    @Test func `a broker that is killed loses nothing that was confirmed`() async throws {
        let result = try await self.publishThrough(count: 2_000) {
            try await self.broker.service("kill-broker")
            try await self.broker.service("start")
        }
        #expect(result.reconnects >= 1)
    }

    @Test func `a delivery of a lost connection cannot be settled and comes again`() async throws {
        let queue = try await self.broker.queue()
        try await AMQPConsumer.with(self.broker.configuration, queues: [queue]) { consumer in
            try await AMQPPublisher.with(self.broker.configuration) { try await $0.publish("a", to: queue) }
            var iterator = consumer.deliveries.makeAsyncIterator()
            let first = try #require(await iterator.next())
            try await self.broker.control("close_all_connections", "maintenance")
            let again = try #require(await iterator.next())
            #expect(again.redelivered)
            let error = await #expect(throws: AMQPError.self) { try await first.acknowledge() }
            #expect(error?.code == .connectionClosed)
            #expect(error?.isTransient == true)
            try await again.acknowledge()
            #expect(consumer.status.reconnects == 1)
        }
        #expect(try await self.broker.messageCount(queue) == 0)
    }

    @Test func `under a memory alarm publishing waits, consuming goes on, and both are told`() async throws {
        let queue = try await self.broker.queue()
        try await AMQPPublisher.with(self.broker.configuration) { publisher in
            for text in ["a", "b"] { try await publisher.publish(text, to: queue) }
            try await self.broker.control("set_vm_memory_high_watermark", "0.00001")
            async let first: Void = publisher.publish("during", to: queue, timeout: .seconds(60))
            try await amqpEventually("blocked is noticed") { publisher.status.phase == .blocked }
            let error = await #expect(throws: AMQPError.self) {
                try await publisher.publish("impatient", to: queue, timeout: .milliseconds(500))
            }
            #expect(error?.code == .blocked)
            #expect(error?.isTransient == true)
            try await AMQPConsumer.with(self.broker.configuration, queues: [queue], prefetch: 1) { consumer in
                var iterator = consumer.deliveries.makeAsyncIterator()
                for text in ["a", "b"] {
                    let delivery = try #require(await iterator.next())
                    #expect(delivery.text == text)
                    try await delivery.acknowledge()
                }
            }
            try await self.broker.control("set_vm_memory_high_watermark", "0.6")
            try await first
            try await amqpEventually("unblocked is noticed") { publisher.status.phase == .connected }
            #expect(publisher.status.reconnects == 0)
            #expect(try await self.broker.messageCount(queue) == 1)
        }
    }

    @Test func `the watchdog frees a write that hangs under a memory alarm`() async throws {
        let queue = try await self.broker.queue()
        var configuration = self.broker.configuration
        configuration.sendTimeout = .seconds(1)
        try await AMQPPublisher.with(configuration) { publisher in
            try await publisher.publish("a", to: queue)
            try await self.broker.control("set_vm_memory_high_watermark", "0.00001")
            // Larger than the buffers of both sockets: the library hangs inside the write.
            let large = AMQPMessage(body: [UInt8](repeating: 7, count: 32 << 20))
            async let publishing: Void = publisher.publish(large, exchange: "", routingKey: queue, timeout: .seconds(90))
            try await amqpEventually("the hanging connection is cut", within: .seconds(20)) {
                publisher.status.lastError?.code == .connectionLost
            }
            try await self.broker.control("set_vm_memory_high_watermark", "0.6")
            try await publishing
            #expect(publisher.status.reconnects >= 1)
        }
    }
}
