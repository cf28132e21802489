import Testing

@testable import AMQP

extension AMQPDeliveryAssembler {
    fileprivate mutating func body(_ bytes: [UInt8], on channel: UInt16) throws -> Content? {
        try bytes.withUnsafeBytes { bytes throws(AMQPError) in try self.body(bytes, on: channel) }
    }
}

@Suite struct AMQPDeliveryAssemblerTests {
    private func envelope(_ tag: UInt64) -> AMQPEnvelope {
        .delivered(consumer: "c", tag: tag, isRedelivered: false, exchange: "e", routingKey: "k")
    }

    @Test func `a message without a body is complete with its header`() throws {
        var assembler = AMQPDeliveryAssembler()
        try assembler.begin(self.envelope(1), on: 1)
        let content = try assembler.header(bodySize: 0, properties: AMQPProperties(type: "t"), on: 1)
        #expect(
            content
                == .init(
                    envelope: self.envelope(1), message: AMQPMessage(properties: AMQPProperties(type: "t"), body: [])))
    }

    @Test func `a body in parts is put together in order`() throws {
        var assembler = AMQPDeliveryAssembler()
        try assembler.begin(self.envelope(1), on: 1)
        #expect(try assembler.header(bodySize: 5, properties: AMQPProperties(), on: 1) == nil)
        #expect(try assembler.body([1, 2], on: 1) == nil)
        #expect(try assembler.body([], on: 1) == nil)
        #expect(try assembler.body([3, 4, 5], on: 1)?.message.body == [1, 2, 3, 4, 5])
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `messages of several channels do not mix, however their frames interleave`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var assembler = AMQPDeliveryAssembler()
        var steps: [UInt16: Int] = [1: 0, 2: 0, 7: 0]
        var bodies: [UInt16: [UInt8]] = [:]
        while let channel = steps.keys.sorted().randomElement(using: &generator), let step = steps[channel] {
            switch step {
            case 0: try assembler.begin(self.envelope(UInt64(channel)), on: channel)
            case 1: _ = try assembler.header(bodySize: 3, properties: AMQPProperties(), on: channel)
            default:
                if let content = try assembler.body([UInt8(channel) * 10 + UInt8(step)], on: channel) {
                    #expect(content.envelope == self.envelope(UInt64(channel)))
                    bodies[channel] = content.message.body
                    steps[channel] = nil
                    continue
                }
            }
            steps[channel] = step + 1
        }
        #expect(bodies == [1: [12, 13, 14], 2: [22, 23, 24], 7: [72, 73, 74]])
    }

    @Test func `frames out of order are a broken protocol, not a message`() throws {
        var assembler = AMQPDeliveryAssembler()
        #expect(throws: AMQPError.self) { try assembler.header(bodySize: 1, properties: AMQPProperties(), on: 1) }
        #expect(throws: AMQPError.self) { try assembler.body([1], on: 1) }
        try assembler.begin(self.envelope(1), on: 1)
        #expect(throws: AMQPError.self) { try assembler.body([1], on: 1) }
        #expect(throws: AMQPError.self) { try assembler.begin(self.envelope(2), on: 1) }
    }

    @Test func `a body longer than announced is refused`() throws {
        var assembler = AMQPDeliveryAssembler()
        try assembler.begin(self.envelope(1), on: 1)
        _ = try assembler.header(bodySize: 1, properties: AMQPProperties(), on: 1)
        #expect(throws: AMQPError.self) { try assembler.body([1, 2], on: 1) }
    }

    @Test func `a huge announced size makes no room before bytes come`() throws {
        var assembler = AMQPDeliveryAssembler()
        try assembler.begin(self.envelope(1), on: 1)
        #expect(try assembler.header(bodySize: .max, properties: AMQPProperties(), on: 1) == nil)
        #expect(try assembler.body([1], on: 1) == nil)
    }

    @Test func `a discarded channel starts afresh`() throws {
        var assembler = AMQPDeliveryAssembler()
        try assembler.begin(self.envelope(1), on: 1)
        assembler.discard(channel: 1)
        try assembler.begin(self.envelope(2), on: 1)
        #expect(try assembler.header(bodySize: 0, properties: AMQPProperties(), on: 1)?.envelope == self.envelope(2))
    }
}
