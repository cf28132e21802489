import AMQP
import EventLoops
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

    /// Publishes and consumes without pause while a fault happens and for a while after it, as the worker does, and
    /// expects that every confirmed message is delivered.
    private func publishThrough(_ fault: @Sendable @escaping () async throws -> Void) async throws {
        let queue = try await self.broker.queue()
        try await AMQPConsumer.with(self.broker.configuration, queues: [queue], prefetch: 50) { consumer in
            try await AMQPPublisher.with(self.broker.configuration) { publisher in
                try await publisher.publish("first", to: queue)
                let seen = Locked<Set<String>>([])
                async let handling: Void = Self.acknowledge(consumer, seen)
                let isOver = Locked(false)
                let faulting = Task {
                    defer { isOver.withLock { $0 = true } }
                    try await fault()
                }
                let publishing = (0..<10).map { task in
                    Task { try await Self.publish(publisher, task: task, to: queue, until: isOver) }
                }
                var confirmed: Set<String> = ["first"]
                for task in publishing { confirmed.formUnion(try await task.value) }
                try await faulting.value
                let wanted = confirmed
                try await amqpEventually("everything confirmed is delivered", within: .seconds(60)) {
                    wanted.isSubset(of: seen.withLock { $0 })
                }
                await consumer.cancel()
                await handling
                #expect(wanted.count > 200)
                #expect(publisher.status.reconnects >= 1)
                #expect(consumer.status.reconnects >= 1)
            }
        }
    }

    private static func acknowledge(_ consumer: AMQPConsumer, _ seen: Locked<Set<String>>) async {
        for await delivery in consumer.deliveries {
            let text = delivery.text
            seen.withLock { _ = $0.insert(text) }
            // When the connection goes while it is handled, it comes again.
            try? await delivery.acknowledge()
        }
    }

    /// Publishes until the fault is over and 20 more, and returns what was confirmed.
    private static func publish(
        _ publisher: AMQPPublisher, task: Int, to queue: String, until isOver: Locked<Bool>
    ) async throws -> Set<String> {
        var confirmed: Set<String> = []
        var left = 20
        var index = 0
        while left > 0 {
            index += 1
            let text = "\(task)-\(index)"
            do {
                try await publisher.publish(text, to: queue, timeout: .seconds(120))
                confirmed.insert(text)
            } catch let error as AMQPError where error.code == .nacked {
                // A quorum queue refuses while it has no leader: the caller's to try again.
            }
            if isOver.withLock({ $0 }) { left -= 1 }
        }
        return confirmed
    }

    @Test func `connections closed by an operator lose nothing that was confirmed`() async throws {
        try await self.publishThrough {
            for _ in 0..<2 {
                try await self.broker.control("close_all_connections", "maintenance")
                try await Task.sleep(for: .milliseconds(300))
            }
        }
    }

    @Test func `a broker that restarts loses nothing that was confirmed`() async throws {
        try await self.publishThrough { try await self.broker.service("restart-broker") }
    }

    @Test func `a broker that is killed loses nothing that was confirmed`() async throws {
        try await self.publishThrough {
            // A quorum queue that dies in the second that it was made in may never elect a leader again (RabbitMQ 3.10).
            try await Task.sleep(for: .seconds(3))
            try await self.broker.service("kill-broker")
            try await self.broker.service("start")
        }
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

    @Test func `what the broker forgets to confirm is sent again`() async throws {
        let queue = try await self.broker.queue()
        var configuration = self.broker.configuration
        configuration.confirmTimeout = .seconds(1)
        configuration.callTimeout = .seconds(3)
        try await AMQPPublisher.with(configuration) { publisher in
            try await publisher.publish("before", to: queue)
            // The queue's process stops, while the connection is served as ever.
            try await self.broker.control("eval", "sys:suspend(list_to_existing_atom(\"%2F_\(queue)\")).")
            async let publishing: Void = publisher.publish("during", to: queue)
            try await amqpEventually("the channel is given up") { publisher.status.lastError != nil }
            // Unconfirmed when its channel ended: only by being sent again can it be confirmed now.
            #expect(publisher.status.lastError?.code == .closed)
            #expect(publisher.status.outstanding == 1 && publisher.status.messages == 1)
            try await self.broker.control("eval", "sys:resume(list_to_existing_atom(\"%2F_\(queue)\")).")
            try await publishing
            #expect(publisher.status.messages == 2)
        }
        // What was sent first may be in the queue beside it, or gone with its channel: nobody was told that it was safe.
        #expect(try await self.broker.messageCount(queue) >= 2)
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
            async let publishing: Void = publisher.publish(
                large, exchange: "", routingKey: queue, timeout: .seconds(90))
            try await amqpEventually("the hanging connection is cut", within: .seconds(20)) {
                publisher.status.lastError?.code == .connectionLost
            }
            try await self.broker.control("set_vm_memory_high_watermark", "0.6")
            try await publishing
            #expect(publisher.status.reconnects >= 1)
        }
    }
}
