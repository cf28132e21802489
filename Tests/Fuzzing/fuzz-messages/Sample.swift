import CRabbitMQ
import Foundation
import Mutation
import TellerMessages

@testable import AMQP

/// A request as it is on the wire: the bytes of its properties, flags first, and those of its body.
struct Sample: Sendable {
    var properties: [UInt8]
    var body: [UInt8]

    /// What came of a message.
    enum Outcome {
        case refused
        case accepted
        /// It was read, and not as what it says.
        case misread(String)

        var isAccepted: Bool { if case .refused = self { false } else { true } }
        var fault: String? { if case .misread(let fault) = self { fault } else { nil } }
    }

    /// One of its two parts changed.
    func mutated(by mutator: inout Mutator) -> Sample {
        var sample = self
        let other = Self.all[mutator.number(below: Self.all.count)]
        if mutator.number(below: 2) == 0 {
            sample.body = mutator.mutate(self.body, with: other.body, header: self.body.count)
        } else {
            sample.properties = mutator.mutate(self.properties, with: other.properties, header: self.properties.count)
        }
        return sample
    }

    /// Decodes the properties with the library, and all of it with ours.
    func decode() -> Outcome {
        guard let properties = self.decodedProperties() else { return .refused }
        guard let request = try? ChatRequest(decoding: AMQPMessage(properties: properties, body: self.body)) else { return .refused }
        guard let again = try? ChatRequest(decoding: request.message), again.body == request.body, again.id == request.id else {
            return .misread("a request does not survive the wire")
        }
        // Foundation refuses numbers that a Double does not hold; what it does read, it must read alike.
        if let lenient = try? JSONSerialization.jsonObject(with: Data(self.body)) as? [String: Any],
            lenient["customer_id"] as? String != request.body.customerID
        {
            return .misread("another parser reads another customer")
        }
        return .accepted
    }

    private func decodedProperties() -> AMQPProperties? {
        var pool = amqp_pool_t()
        init_amqp_pool(&pool, 4096)
        defer { empty_amqp_pool(&pool) }
        var bytes = self.properties
        return bytes.withUnsafeMutableBytes { buffer in
            var decoded: UnsafeMutableRawPointer?
            let encoded = amqp_bytes_t(len: buffer.count, bytes: buffer.baseAddress)
            guard amqp_decode_properties(UInt16(AMQP_BASIC_CLASS), &pool, encoded, &decoded) >= 0, let decoded else { return nil }
            return AMQPProperties(decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee)
        }
    }

    static let all: [Sample] = {
        var properties = AMQPProperties(
            contentType: "application/json", contentEncoding: nil, deliveryMode: 2, priority: 1, correlationID: "c-1", replyTo: "teller.replies.1", expiration: "60000",
            messageID: "r-1", timestamp: 1_795_578_607, type: "teller.chat.request.v1", userID: "gateway", appID: "app", clusterID: "x")
        properties.headers = [
            "authorization": "Bearer e30.e30.e30", "deadline": "2026-11-25T03:50:07.25Z", "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "tracestate": "k=v", "cloudEvents_id": "e-1", "x-death": .array([.table(["count": 1, "reason": "expired", "time": .timestamp(1)]), .void, .double(1.5)]),
            "bytes": .bytes([0, 1]), "decimal": .decimal(decimals: 2, value: 1), "small": .int8(-1), "float": .float(2),
        ]
        let bodies = [
            #"{"conversation_id":"c1","customer_id":"C-1001","question":"What is my balance?"}"#,
            #"{"conversation_id":"c1","customer_id":"C-1001","question":"caf\u00e9 \ud83d\ude00 余额","channel":"app","locale":"zh-CN","stream":true,"account_id":"A-1","plan":{"tool":"transactions.search","arguments":{"count":5,"min":"1e3","text":"x"}},"compose":"plain"}"#,
            #"{"plan":{"arguments":{"a":[[[{"b":[1,-0.5e+3,null,true,false,"\"\\\/\b\f\n\r\t"]}]]]},"tool":"greet"},"question":"q","customer_id":"C-1","conversation_id":"c"}"#,
        ]
        return bodies.flatMap { body in
            [properties, AMQPProperties(messageID: "r-2")].compactMap { properties in
                Self.encoded(properties).map { Sample(properties: $0, body: Array(body.utf8)) }
            }
        }
    }()

    private static func encoded(_ properties: AMQPProperties) -> [UInt8]? {
        let arena = AMQPArena()
        var wire = properties.wire(in: arena)
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = bytes.withUnsafeMutableBytes { buffer in
            amqp_encode_properties(UInt16(AMQP_BASIC_CLASS), &wire, amqp_bytes_t(len: buffer.count, bytes: buffer.baseAddress))
        }
        return count >= 0 ? Array(bytes.prefix(Int(count))) : nil
    }
}
