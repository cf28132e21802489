import AMQP
import Foundation
import TellerMessages
import Testing

@testable import Teller

@Suite struct CleanCopyTests {
    private static let body = ChatRequest.Body(conversationID: "c", customerID: "C-1001", question: "What is my balance?")

    /// Messages that say the same in other ways.
    private static let originals: [AMQPMessage] = {
        let request = ChatRequest(
            id: "r-1", correlationID: "x-1", replyTo: "teller.replies.a", deadline: Date(timeIntervalSince1970: 1_900_000_000), token: "a.b.c",
            body: body
        ).message
        var events = [request]
        for separator in ["_", ":"] {
            var event = request
            event.properties.messageID = nil
            event.properties.type = nil
            for (name, value) in [("id", "r-1"), ("type", ChatRequest.messageType), ("specversion", "1.0"), ("source", "/bank")] {
                event.properties.headers?["cloudEvents\(separator)\(name)"] = .string(value)
            }
            events.append(event)
        }
        var expiring = request
        expiring.properties.headers?["deadline"] = nil
        expiring.properties.timestamp = 1_899_999_940
        expiring.properties.expiration = "60000"
        return events + [expiring]
    }()

    @Test(arguments: originals)
    func `a copy asks what its original did, in its name and in its time`(_ original: AMQPMessage) throws {
        var hostile = original
        hostile.properties.headers?["CC"] = .array([.string("teller.replies.thief")])
        hostile.properties.headers?["x-death"] = .array([])
        let stored = StoredMessage(queue: "teller.requests.banking", exchange: "teller.requests", routingKey: "banking.a", message: hostile)
        let copy = CleanCopy.copy(of: stored)
        let (asked, again) = (try ChatRequest(decoding: original), try ChatRequest(decoding: copy))
        #expect(again.id == "r-1" && again.id == asked.id)
        #expect(again.deadline == asked.deadline && again.deadline == Date(timeIntervalSince1970: 1_900_000_000))
        #expect(again.correlationID == asked.correlationID && again.replyTo == asked.replyTo && again.token == asked.token)
        #expect(copy.body == original.body)
        #expect(copy.properties.expiration == nil)
        #expect(copy.properties.headers?["CC"] == nil && copy.properties.headers?["x-death"] == nil)
    }
}
