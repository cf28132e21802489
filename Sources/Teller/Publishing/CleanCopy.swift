package import AMQP
package import Foundation
package import TellerMessages

/// Copies of a message that Teller publishes itself: for a retry, as a dead letter, and to replay one.
///
/// The body is the original's, byte for byte. Properties and headers are made anew from checked values: headers that a client
/// chose can route copies elsewhere (`CC`), close our channel (`expiration`) or make the broker drop the message (`x-death`).
/// What they were is kept as text in one header of our own, so that a dead letter can hold the message as its client sent it.
package enum CleanCopy {
    private static let keptHeaders = ["authorization", "traceparent", "tracestate"]
    private static let longestHeader = 16_384
    private static let originalHeader = "teller-original"
    /// Beyond this many bytes the original's properties do not travel with a copy: a message's headers have to fit in one frame.
    private static let longestOriginal = 65_536

    /// A copy that goes back to the queue it came from after a pause.
    static func forRetry(of delivery: AMQPDelivery, attempt: Int) -> AMQPMessage {
        let original = Self.original(of: delivery)
        var message = Self.copy(of: original)
        message.properties.headers?[Self.originalHeader] = Self.text(of: original, withCredentials: true).map { .string($0) }
        message.properties.headers?["teller-attempt"] = .int64(Int64(attempt))
        message.properties.headers?.set(ReplayMark(delivery.properties.headers))
        return message
    }

    /// A copy that says why the message was given up.
    static func deadLetter(
        of delivery: AMQPDelivery, failureClass: String, fingerprint: String, attempts: Int
    ) -> AMQPMessage {
        let original = Self.original(of: delivery)
        var message = Self.copy(of: original)
        // A dead letter may lie for long and be read by many; the token it came with is of no more use.
        message.properties.headers?["authorization"] = nil
        message.properties.headers?[Self.originalHeader] = Self.text(of: original, withCredentials: false).map { .string($0) }
        message.properties.headers?["teller-failure-id"] = .string(DeadLetter.id(of: original).uuidString.lowercased())
        message.properties.headers?["teller-failure-class"] = .string(failureClass)
        message.properties.headers?["teller-failure-fingerprint"] = .string(fingerprint)
        message.properties.headers?["teller-failed-at"] = .string(Date().rfc3339)
        message.properties.headers?["teller-attempt"] = .int64(Int64(attempts))
        return message
    }

    /// A copy that an operator sends again, under ``StoredMessage/returnKey`` to the exchange for requests.
    ///
    /// - Parameter deadline: When the answer is of no more use; nil for never. The original's own is not kept.
    package static func forReplay(of stored: StoredMessage, deadline: Date?, as mark: ReplayMark) -> AMQPMessage {
        var message = Self.copy(of: stored)
        message.properties.headers?[Self.originalHeader] = Self.text(of: stored, withCredentials: true).map { .string($0) }
        message.properties.headers?["deadline"] = deadline.map { .string($0.rfc3339) }
        message.properties.headers?.set(mark)
        return message
    }

    /// The message as its client published it: what was delivered, or what a copy of ours says that it was.
    ///
    /// A copy is believed only where it is just what such an original would have been copied to, so that a client who writes the
    /// header gains nothing by it.
    static func original(of delivery: AMQPDelivery) -> StoredMessage {
        if case .string(let text)? = delivery.properties.headers?[Self.originalHeader],
            let original = Self.original(text, queue: delivery.queue, body: delivery.body),
            Self.matches(delivery.properties, Self.copy(of: original).properties)
        {
            return original
        }
        var message = delivery.message
        // A quorum queue writes this on what it delivers again.
        if delivery.redelivered { message.properties.headers?["x-delivery-count"] = nil }
        return StoredMessage(queue: delivery.queue, exchange: delivery.exchange, routingKey: delivery.routingKey, message: message)
    }

    /// What an original is copied to, before there is anything to say about it.
    static func copy(of stored: StoredMessage) -> AMQPMessage {
        let original = stored.message.properties
        var headers: AMQPTable = [
            "teller-origin-exchange": .string(stored.exchange), "teller-origin-routing-key": .string(stored.routingKey),
        ]
        for name in Self.keptHeaders {
            if case .string(let text)? = original.headers?[name], text.utf8.count <= Self.longestHeader, Self.isPlain(text) {
                headers[name] = .string(text)
            }
        }
        // What a request says in other ways, as a CloudEvent or by its expiration, the copy says in ours.
        let request = try? ChatRequest(decoding: stored.message)
        headers["deadline"] = (request?.deadline?.rfc3339).map { .string($0) }
        var properties = AMQPProperties()
        properties.contentType = original.contentType.flatMap(Self.short)
        properties.type = original.type.flatMap(Self.short)
        properties.messageID = (original.messageID ?? request?.id).flatMap(Self.short)
        properties.correlationID = original.correlationID.flatMap(Self.short)
        properties.replyTo = original.replyTo.flatMap(Self.short).flatMap { $0.hasPrefix("amq.") ? nil : $0 }
        properties.timestamp = original.timestamp
        properties.deliveryMode = 2
        properties.headers = headers
        return AMQPMessage(properties: properties, body: stored.message.body)
    }

    /// Where the message came from and its properties, as one text.
    private static func text(of stored: StoredMessage, withCredentials: Bool) -> String? {
        let columns = stored.columns
        let document: JSONValue = [
            "exchange": .string(columns.exchange), "routing_key": .string(columns.routingKey), "properties": columns.properties,
            "withheld": withCredentials ? columns.withheld : [],
        ]
        let text = document.text
        return text.utf8.count <= Self.longestOriginal ? text : nil
    }

    private static func original(_ text: String, queue: String, body: [UInt8]) -> StoredMessage? {
        let document = try? JSONValue(parsing: Array(text.utf8), maximumDepth: 512, maximumSize: Self.longestOriginal)
        guard let object = document?.object, let exchange = object["exchange"]?.string, let key = object["routing_key"]?.string,
            let properties = object["properties"], let withheld = object["withheld"]
        else { return nil }
        return try? StoredMessage(
            StoredMessage.Columns(
                queue: queue, exchange: exchange, routingKey: key, properties: properties, withheld: withheld, body: body))
    }

    /// Whether these are the properties of such a copy. It may lack its token, a replay may have given it another deadline, and the
    /// broker may have added headers.
    private static func matches(_ delivered: AMQPProperties, _ copy: AMQPProperties) -> Bool {
        var (delivered, copy) = (delivered, copy)
        let (found, expected) = (delivered.headers, copy.headers)
        delivered.headers = nil
        copy.headers = nil
        guard delivered == copy, let found, let expected else { return false }
        return expected.entries.allSatisfy { ["authorization", "deadline"].contains($0.name) || found[$0.name] == $0.value }
    }

    private static func short(_ text: String) -> String? {
        text.utf8.count <= 128 && Self.isPlain(text) ? text : nil
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
