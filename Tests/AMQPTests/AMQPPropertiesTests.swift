import CRabbitMQ
import Testing

@testable import AMQP

@Suite struct AMQPPropertiesTests {
    private static let full = AMQPProperties(
        contentType: "application/json", contentEncoding: "identity", headers: ["teller-attempt": 2], deliveryMode: 2,
        priority: 5, correlationID: "c", replyTo: "r", expiration: "60000", messageID: "m", timestamp: 1_760_000_000,
        type: "t", userID: "u", appID: "a", clusterID: "k")

    @Test(arguments: [AMQPProperties(), full, AMQPProperties(headers: [:], priority: 0, messageID: "")])
    func `properties come back as they were, absent ones absent`(properties: AMQPProperties) {
        let arena = AMQPArena()
        #expect(AMQPProperties(properties.wire(in: arena)) == properties)
    }

    @Test func `a text that is not UTF-8 is absent and named`() {
        let arena = AMQPArena()
        var wire = Self.full.wire(in: arena)
        wire.correlation_id = arena.bytes([0xFF])
        wire.type = arena.bytes([0xC3])
        let properties = AMQPProperties(wire)
        #expect(properties.correlationID == nil)
        #expect(properties.malformed == ["correlation-id", "type"])
        #expect(properties.messageID == "m")
    }

    @Test func `a name that is not UTF-8 is repaired into one that can be sent again`() {
        let arena = AMQPArena()
        #expect(arena.bytes([0x61, 0xFF]).repairedText == "a\u{FFFD}")
        let long = arena.bytes(Array("banking.".utf8) + [UInt8](repeating: 0xFF, count: 247)).repairedText
        #expect(long.utf8.count == 8 + 82 * 3 && long.hasPrefix("banking.\u{FFFD}"))
        let full = String(repeating: "é", count: 127)
        #expect(arena.bytes(full).repairedText == full)
    }

    @Test func `a text over 255 bytes is refused by its name`() {
        let properties = AMQPProperties(replyTo: String(repeating: "é", count: 128))
        let error = #expect(throws: AMQPError.self) { try properties.validate(frameSize: 131_000) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("reply-to") == true)
    }

    @Test func `headers that do not fit in a frame are refused`() throws {
        let properties = AMQPProperties(headers: ["big": .string(String(repeating: "x", count: 131_000))])
        #expect(throws: AMQPError.self) { try properties.validate(frameSize: 131_008) }
        try AMQPProperties(headers: ["big": .string(String(repeating: "x", count: 130_000))]).validate(
            frameSize: 131_008)
    }

    @Test func `an exchange or routing key over 255 bytes is refused`() {
        let long = String(repeating: "k", count: 256)
        for (exchange, key) in [(long, "k"), ("e", long)] {
            let publication = AMQPPublication(
                message: AMQPMessage(body: []), exchange: exchange, routingKey: key, isMandatory: true)
            #expect(throws: AMQPError.self) { try publication.validate(frameSize: 131_000) }
        }
    }
}
