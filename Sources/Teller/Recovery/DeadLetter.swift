import AMQP
import Crypto
import Foundation
package import TellerMessages

/// A message that was given up, whole, with the reason.
struct DeadLetter: Sendable {
    /// Who gave a message up.
    enum Source: Sendable, Hashable {
        case worker
        /// The broker, for the reason that it wrote on the message, or that somebody else wrote there in its name.
        case broker(reason: String?)
    }

    let message: StoredMessage
    /// Where the message had one that is well formed.
    let requestID: String?
    let conversationID: String?
    /// Only where it was verified.
    let customerID: String?
    let failure: Failure
    let attempts: Int
    let firstFailure: Date
    let source: Source

    /// - Parameter request: What the message says, where it can be read.
    init(
        _ message: StoredMessage, request: ChatRequest?, customerID: String?, failure: Failure, attempts: Int,
        firstFailure: Date, source: Source = .worker
    ) {
        self.message = message
        self.requestID = request?.id
        self.conversationID = request?.body.conversationID
        self.customerID = customerID
        self.failure = failure
        self.attempts = attempts
        self.firstFailure = firstFailure
        self.source = source
    }

    var id: UUID { Self.id(of: self.message) }

    /// The same for each delivery of a message: made of its id, its origin and its body (UUID version 8, RFC 9562).
    static func id(of stored: StoredMessage) -> UUID {
        var hash = SHA256()
        for part in [stored.message.properties.messageID ?? "", stored.exchange, stored.routingKey] {
            hash.update(data: Array(part.utf8) + [0])
        }
        hash.update(data: stored.message.body)
        var bytes = Array(hash.finalize().prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        return UUID(uuid: (
            bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
            bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
        ))
    }
}

extension AMQPDelivery {
    /// The routing key under which a retry queue returns the message to the queue it came from.
    var returnKey: String {
        StoredMessage(queue: self.queue, exchange: self.exchange, routingKey: self.routingKey, message: self.message).returnKey
    }
}

extension StoredMessage {
    /// The routing key under which the exchange for requests puts the message into the queue it came from.
    ///
    /// What was published to that exchange keeps its key; what reached the queue another way takes the key of the queue's own name
    /// (`teller.requests.banking` → `banking`), which the exchange routes there too.
    package var returnKey: String {
        if self.exchange == "teller.requests" { return self.routingKey }
        return self.queue.split(separator: ".").last.map(String.init) ?? self.routingKey
    }
}
