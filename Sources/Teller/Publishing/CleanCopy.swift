import AMQP
import Foundation
import TellerMessages

/// Copies of a message that the worker publishes itself: for a retry, and as a dead letter.
///
/// The body is the original's, byte for byte. Properties and headers are made anew from checked values: headers that a client
/// chose can route copies elsewhere (`CC`), close our channel (`expiration`) or make the broker drop the message (`x-death`).
enum CleanCopy {
    private static let keptHeaders = ["authorization", "deadline", "traceparent", "tracestate"]
    private static let longestHeader = 16_384

    /// A copy that goes back to the queue it came from after a pause.
    static func forRetry(of delivery: AMQPDelivery, attempt: Int) -> AMQPMessage {
        var message = Self.copy(of: delivery)
        message.properties.headers?["teller-attempt"] = .int64(Int64(attempt))
        message.properties.headers?.set(ReplayMark(delivery.properties.headers))
        return message
    }

    /// A copy that says why the message was given up.
    static func deadLetter(
        of delivery: AMQPDelivery, failureClass: String, fingerprint: String, attempts: Int
    ) -> AMQPMessage {
        var message = Self.copy(of: delivery)
        // A dead letter may lie for long and be read by many; the token it came with is of no more use.
        message.properties.headers?["authorization"] = nil
        message.properties.headers?["teller-failure-class"] = .string(failureClass)
        message.properties.headers?["teller-failure-fingerprint"] = .string(fingerprint)
        message.properties.headers?["teller-failed-at"] = .string(Date().rfc3339)
        message.properties.headers?["teller-attempt"] = .int64(Int64(attempts))
        return message
    }

    private static func copy(of delivery: AMQPDelivery) -> AMQPMessage {
        let original = delivery.properties
        var headers: AMQPTable = [
            "teller-origin-exchange": .string(delivery.exchange), "teller-origin-routing-key": .string(delivery.routingKey),
        ]
        for name in Self.keptHeaders {
            if case .string(let text)? = original.headers?[name], text.utf8.count <= Self.longestHeader, Self.isPlain(text) {
                headers[name] = .string(text)
            }
        }
        var properties = AMQPProperties()
        properties.contentType = original.contentType.flatMap(Self.short)
        properties.type = original.type.flatMap(Self.short)
        properties.messageID = original.messageID.flatMap(Self.short)
        properties.correlationID = original.correlationID.flatMap(Self.short)
        properties.replyTo = original.replyTo.flatMap(Self.short).flatMap { $0.hasPrefix("amq.") ? nil : $0 }
        properties.timestamp = original.timestamp
        properties.deliveryMode = 2
        properties.headers = headers
        return AMQPMessage(properties: properties, body: delivery.body)
    }

    private static func short(_ text: String) -> String? {
        text.utf8.count <= 128 && Self.isPlain(text) ? text : nil
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
