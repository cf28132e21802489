import Testing

@testable import AMQP

@Suite struct AMQPDeliveryBufferTests {
    private let settlements = AMQPSettlements {}

    private func delivery(_ tag: UInt64, of settlements: AMQPSettlements? = nil) -> AMQPDelivery {
        AMQPDelivery(
            exchange: "", routingKey: "", queue: "q", redelivered: false, message: AMQPMessage(body: []),
            deliveryTag: tag, settlements: settlements ?? self.settlements)
    }

    @Test(.timeLimit(.minutes(1))) func `each delivery goes to one of the tasks that iterate`() async {
        let buffer = AMQPDeliveryBuffer()
        let tags = await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var tags: [UInt64] = []
                    for await delivery in AMQPDeliveries(buffer: buffer) { tags.append(delivery.deliveryTag) }
                    return tags
                }
            }
            for tag in 1...200 as ClosedRange<UInt64> { #expect(buffer.push(self.delivery(tag))) }
            while buffer.received.count < 200 { await Task.yield() }
            group.addTask {
                var left = buffer.finish().map(\.deliveryTag)
                left.sort()
                return left
            }
            var all: [UInt64] = []
            for await tags in group { all += tags }
            return all
        }
        #expect(tags.sorted() == Array(1...200))
    }

    @Test(.timeLimit(.minutes(1))) func `finishing returns what nobody took and refuses what comes later`() async {
        let buffer = AMQPDeliveryBuffer()
        _ = buffer.push(self.delivery(1))
        _ = buffer.push(self.delivery(2))
        #expect(await buffer.next()?.deliveryTag == 1)
        #expect(buffer.finish().map(\.deliveryTag) == [2])
        #expect(!buffer.push(self.delivery(3)))
        #expect(await buffer.next() == nil)
    }

    @Test(.timeLimit(.minutes(1))) func `cancelling the task that waits ends its iteration only`() async {
        let buffer = AMQPDeliveryBuffer()
        let task = Task { await buffer.next() }
        task.cancel()
        #expect(await task.value == nil)
        _ = buffer.push(self.delivery(1))
        #expect(await buffer.next()?.deliveryTag == 1)
    }

    @Test(.timeLimit(.minutes(1))) func `what a lost channel delivered is dropped, what others did is kept`() async {
        let buffer = AMQPDeliveryBuffer()
        let lost = AMQPSettlements {}
        _ = buffer.push(self.delivery(1, of: lost))
        _ = buffer.push(self.delivery(1))
        buffer.discard(of: lost)
        #expect(await buffer.next()?.settlements === self.settlements)
    }

    @Test func `settling after the channel has ended fails with the reason`() async throws {
        let delivery = self.delivery(1)
        self.settlements.deliver(1)
        self.settlements.end(AMQPError(.connectionLost, "gone"))
        let error = await #expect(throws: AMQPError.self) { try await delivery.acknowledge() }
        #expect(error?.code == .connectionLost)
    }
}
