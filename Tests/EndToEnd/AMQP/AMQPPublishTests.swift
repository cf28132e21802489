import AMQP
import Foundation
import Testing

@Suite(.timeLimit(.minutes(2))) struct AMQPPublishTests {
    private let broker: AMQPTestBroker

    init() throws { self.broker = try AMQPTestBroker.shared() }

    @Test func `every property and every kind of header survives the broker`() async throws {
        let queue = try await self.broker.queue()
        let message = AMQPMessage(
            properties: AMQPProperties(
                contentType: "application/json", contentEncoding: "identity",
                headers: [
                    "bool": true, "int8": .int8(-8), "uint8": .uint8(200), "int16": .int16(-16),
                    "uint16": .uint16(60_000),
                    "int32": .int32(-32), "uint32": .uint32(4_000_000_000), "int64": .int64(.min), "float": .float(1.5),
                    "double": .double(-2.25), "decimal": .decimal(decimals: 2, value: 12_345), "string": "对账",
                    "long": .longString([0xFF, 0x00]), "bytes": .bytes([0, 1, 0xFE]),
                    "timestamp": .timestamp(1_760_000_000),
                    "array": .array([1, "two", .array([.void]), .table(["k": 3])]), "table": .table(["t": .table([:])]),
                    "void": .void,
                ],
                deliveryMode: 2, priority: 4, correlationID: "c", replyTo: "r", expiration: "600000", messageID: "m",
                timestamp: 1_760_000_001, type: "t", appID: "a", clusterID: "k"),
            body: Array("body".utf8))
        try await AMQPPublisher.with(self.broker.configuration) { publisher in
            try await publisher.publish(message, exchange: "", routingKey: queue)
        }
        let received = try await self.broker.withChannel { channel throws(AMQPError) in
            let delivery = try await channel.get(queue)
            try await delivery?.acknowledge()
            return delivery
        }
        // The broker sorts headers, and adds none of its own here.
        func sorted(_ message: AMQPMessage?) -> AMQPMessage? {
            var message = message
            message?.properties.headers?.entries.sort { $0.name < $1.name }
            message?.properties.headers?.entries.removeAll { $0.name.hasPrefix("x-") }
            return message
        }
        #expect(sorted(received?.message) == sorted(message))
    }

    @Test(arguments: [0, 1, 131_064, 131_065, 3_000_000])
    func `a body of any size arrives whole`(size: Int) async throws {
        let queue = try await self.broker.queue()
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await AMQPPublisher.with(self.broker.configuration) { publisher in
            try await publisher.publish(AMQPMessage(body: body), exchange: "", routingKey: queue)
        }
        let received = try await self.broker.withChannel { channel throws(AMQPError) in try await channel.get(queue) }
        #expect(received?.body == body)
    }

    @Test func `an unroutable mandatory message fails, alone among those in flight`() async throws {
        let queue = try await self.broker.queue()
        let outcomes = try await AMQPPublisher.with(self.broker.configuration) { publisher in
            await withTaskGroup(of: (Int, AMQPError?).self) { group in
                for index in 0..<60 {
                    group.addTask {
                        let message = AMQPMessage(body: Array("\(index)".utf8))
                        let key = index % 3 == 0 ? "nowhere.\(queue)" : queue
                        do throws(AMQPError) {
                            try await publisher.publish(message, exchange: "", routingKey: key)
                            return (index, nil)
                        } catch {
                            return (index, error)
                        }
                    }
                }
                var outcomes: [Int: AMQPError?] = [:]
                for await (index, error) in group { outcomes[index] = error }
                return outcomes
            }
        }
        for (index, error) in outcomes {
            #expect(error?.code == (index % 3 == 0 ? .unroutable : nil))
            if let error { #expect(error.replyCode == 312) }
        }
        #expect(try await self.broker.messageCount(queue) == 40)
    }

    @Test func `without mandatory the broker confirms what it drops`() async throws {
        try await AMQPPublisher.with(self.broker.configuration) { publisher in
            try await publisher.publish(AMQPMessage(body: []), exchange: "", routingKey: "nowhere", mandatory: false)
        }
    }

    @Test func `a full queue that rejects is told per message`() async throws {
        let queue = try await self.broker.queue(["x-max-length": 2, "x-overflow": "reject-publish"])
        let codes = try await AMQPPublisher.with(self.broker.configuration) { publisher in
            var codes: [AMQPError.Code] = []
            for index in 0..<30 {
                do { try await publisher.publish("\(index)", to: queue) } catch let error as AMQPError {
                    codes.append(error.code)
                }
            }
            return codes
        }
        // The limit of a quorum queue is not exact.
        #expect(codes.count >= 20)
        #expect(Set(codes) == [.nacked])
    }

    @Test(arguments: [
        AMQPProperties(expiration: "soon"), AMQPProperties(deliveryMode: 9), AMQPProperties(userID: "somebody"),
        AMQPProperties(headers: ["CC": "not an array"]),
    ])
    func `a message over which the broker closes the channel fails, and its neighbours arrive`(
        properties: AMQPProperties
    ) async throws {
        let queue = try await self.broker.queue()
        let error = try await self.publish(
            AMQPMessage(properties: properties, body: []), routingKey: queue, amongGood: queue)
        #expect(error?.code == .channelClosed)
        #expect(error?.replyCode == 406)
        #expect(error?.isTransient == false)
    }

    @Test func `an exchange that does not exist fails its message only`() async throws {
        let queue = try await self.broker.queue()
        let error = try await self.publish(
            AMQPMessage(body: []), exchange: "none.\(queue)", routingKey: "k", amongGood: queue)
        #expect(error?.replyCode == 404)
    }

    @Test func `a forged direct reply-to closes the connection, and the publisher recovers`() async throws {
        let queue = try await self.broker.queue()
        let error = try await self.publish(
            AMQPMessage(body: []), routingKey: "amq.rabbitmq.reply-to.g1h2AA8ABCDEF.AAAA==", amongGood: queue)
        #expect(error?.code == .connectionClosed)
        #expect(error?.replyCode == 541)
        #expect(error?.isTransient == false)
    }

    /// Publishes a bad message in the midst of good ones, expects those to arrive, and returns the bad one's error.
    private func publish(
        _ message: AMQPMessage, exchange: String = "", routingKey: String, amongGood queue: String
    ) async throws -> AMQPError? {
        try await AMQPPublisher.with(self.broker.configuration) { publisher in
            async let bad: AMQPError? = {
                do throws(AMQPError) {
                    try await publisher.publish(message, exchange: exchange, routingKey: routingKey)
                    return nil
                } catch {
                    return error
                }
            }()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<20 { group.addTask { try await publisher.publish("good \(index)", to: queue) } }
                try await group.waitForAll()
            }
            let error = await bad
            try await publisher.publish("after", to: queue)
            var texts: Set<String> = []
            let deliveries = try await self.broker.withChannel { channel throws(AMQPError) in
                var deliveries: [AMQPDelivery] = []
                while let delivery = try await channel.get(queue) { deliveries.append(delivery) }
                return deliveries
            }
            for delivery in deliveries { texts.insert(delivery.text) }
            #expect(texts == Set((0..<20).map { "good \($0)" } + ["after"]))
            return error
        }
    }

    @Test func `what cannot be sent is refused and harms nothing`() async throws {
        let queue = try await self.broker.queue()
        try await AMQPPublisher.with(self.broker.configuration) { publisher in
            let tooLarge = AMQPProperties(headers: ["h": .string(String(repeating: "x", count: 140_000))])
            for properties in [tooLarge, AMQPProperties(replyTo: String(repeating: "x", count: 256))] {
                let error = await #expect(throws: AMQPError.self) {
                    try await publisher.publish(
                        AMQPMessage(properties: properties, body: []), exchange: "", routingKey: queue)
                }
                #expect(error?.code == .invalidArgument)
            }
            try await publisher.publish("fine", to: queue)
            #expect(publisher.status.reconnects == 0)
        }
    }

    @Test func `headers that just fit in a frame are sent`() async throws {
        let queue = try await self.broker.queue()
        try await AMQPPublisher.with(self.broker.configuration) { publisher in
            let properties = AMQPProperties(headers: ["h": .string(String(repeating: "x", count: 130_900))])
            try await publisher.publish(AMQPMessage(properties: properties, body: []), exchange: "", routingKey: queue)
            #expect(publisher.status.reconnects == 0)
        }
    }

    @Test func `without a broker a publish fails when its time is up, with the reason`() async throws {
        var configuration = self.broker.configuration
        configuration.endpoints = [.init(host: "127.0.0.1", port: 1)]
        try await AMQPPublisher.with(configuration) { publisher in
            let started = ContinuousClock.now
            let error = await #expect(throws: AMQPError.self) {
                try await publisher.publish("x", to: "q", timeout: .seconds(1))
            }
            #expect(error?.code == .connectionFailed)
            #expect(.now - started < .seconds(15))
            #expect(publisher.status.phase == .connecting)
        }
    }

    @Test func `a cancelled publish and a publisher that is shut down say so`() async throws {
        var configuration = self.broker.configuration
        configuration.endpoints = [.init(host: "127.0.0.1", port: 1)]
        let publisher = AMQPPublisher(configuration)
        async let running: Void = publisher.run()
        let cancelled = Task { try await publisher.publish("x", to: "q") }
        let waiting = Task { try await publisher.publish("y", to: "q") }
        try await amqpEventually("both wait") { publisher.status.outstanding == 2 }
        cancelled.cancel()
        let first = await #expect(throws: AMQPError.self) { try await cancelled.value }
        #expect(first?.code == .cancelled)
        await publisher.shutdown()
        await running
        let second = await #expect(throws: AMQPError.self) { try await waiting.value }
        #expect(second?.code == .closed)
        let third = await #expect(throws: AMQPError.self) { try await publisher.publish("z", to: "q") }
        #expect(third?.code == .closed)
        #expect(publisher.status.phase == .closed)
    }
}
