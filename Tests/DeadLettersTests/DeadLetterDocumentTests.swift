import AMQP
import Foundation
import TellerMessages
import Testing

@testable import DeadLetters

struct DeadLetterDocumentTests {
    private func document(_ body: [UInt8]) -> DeadLetterDocument {
        let message = AMQPMessage(properties: AMQPProperties(headers: ["authorization": "Bearer x", "n": .double(.nan)]), body: body)
        return DeadLetterDocument(
            id: UUID(), columns: ["failure_class": "bug", "attempts": 3],
            message: StoredMessage(queue: "q", exchange: "", routingKey: "k\0", message: message).columns)
    }

    @Test(arguments: [Array("text, 余额 \"\n".utf8), [], [0], [0xFF, 0xFE], Array("e\u{301}".utf8)])
    func `a line gives back the dead letter that it was written from`(_ body: [UInt8]) throws {
        let document = self.document(body)
        let line = document.json.serialized
        #expect(!line.contains(UInt8(ascii: "\n")))
        let read = try DeadLetterDocument(JSONValue(parsing: line))
        #expect(read == document && read.message.body == body)
        #expect(try Array(StoredMessage(read.message).routingKey.utf8) == Array("k\0".utf8))
    }

    @Test(arguments: ["failure_id", "message"]) func `a line that lacks a member says which`(_ member: String) throws {
        var object = try #require(self.document([1]).json.object)
        object[member] = nil
        #expect(throws: DeadLetterDocument.Malformed(member: member)) { try DeadLetterDocument(.object(object)) }
    }

    @Test func `a damaged message in a line is refused`() throws {
        var document = self.document([1])
        document.message.properties = ["headers": [["name": "n", "value": ["int8": 300]]]]
        #expect(throws: DeadLetterDocument.Malformed(member: "message/headers")) { try DeadLetterDocument(document.json) }
    }
}
