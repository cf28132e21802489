import AMQP
import Foundation
import Testing

@testable import TellerMessages

@Suite struct ChatRequestTests {
    private static let body = #"{"conversation_id":"c1","customer_id":"C-1001","question":"What is my balance?"}"#

    private func message(
        _ body: String = Self.body, _ change: (inout AMQPProperties) -> Void = { _ in }
    ) -> AMQPMessage {
        var properties = AMQPProperties()
        properties.messageID = "r-1"
        properties.contentType = "application/json"
        properties.type = ChatRequest.messageType
        change(&properties)
        return AMQPMessage(properties: properties, body: Array(body.utf8))
    }

    @Test func `a request survives the wire whole`() throws {
        var body = ChatRequest.Body(conversationID: "c1", customerID: "C-1001", question: "我的余额是多少？")
        body.accountID = "A-1"
        body.locale = "zh-CN"
        body.channel = "app"
        body.wantsStream = true
        body.wantsPlainWording = true
        body.plan = ToolCall(tool: "account.balance", arguments: ["account": "checking"])
        let request = ChatRequest(
            id: "r-1", correlationID: "x", replyTo: "teller.replies.1", deadline: Date(timeIntervalSince1970: 1_800_000_000), token: "a.b.c",
            trace: TraceContext(parent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", state: "k=v"), body: body)
        #expect(try ChatRequest(decoding: request.message) == request)
    }

    @Test func `the correlation id is the message id when there is none`() throws {
        #expect(try ChatRequest(decoding: self.message()).correlationID == "r-1")
    }

    @Test(arguments: [
        (1_800_000_000, "2027-01-15T08:01:00Z"), (253_402_300_000, "9999-12-31T23:47:40Z"), (253_402_300_799, nil), (1 << 63, nil), (.max, nil),
    ] as [(UInt64, String?)])
    func `an expiration counts from the timestamp, up to the last year that can be written`(_ timestamp: UInt64, _ deadline: String?) throws {
        let request = try ChatRequest(decoding: self.message { properties in
            properties.timestamp = timestamp
            properties.expiration = "60000"
        })
        #expect(request.deadline?.rfc3339 == deadline)
        #expect(try ChatRequest(decoding: request.message).deadline == request.deadline)
    }

    @Test func `the question is normalised to NFC`() throws {
        let request = try ChatRequest(decoding: self.message(Self.body.replacing("What", with: "Cafe\u{301}")))
        #expect(request.body.question.unicodeScalars.contains("é"))
    }

    @Test func `a CloudEvent in binary mode is a request`() throws {
        let message = self.message { properties in
            properties.messageID = nil
            properties.type = nil
            properties.headers = ["cloudEvents_specversion": "1.0", "cloudEvents_id": "e-1", "cloudEvents_type": "teller.chat.request.v1"]
        }
        #expect(try ChatRequest(decoding: message).id == "e-1")
    }

    /// One property or header that the contract does not allow.
    struct Breach: Sendable {
        let place: String
        let make: @Sendable (inout AMQPProperties) -> Void

        init(_ place: String, _ make: @escaping @Sendable (inout AMQPProperties) -> Void) {
            self.place = place
            self.make = make
        }
    }

    @Test(arguments: [
        Breach("message_id") { $0.messageID = nil }, Breach("message_id") { $0.messageID = "a b" }, Breach("message_id") { $0.messageID = "" },
        Breach("message_id") { $0.messageID = String(repeating: "x", count: 129) }, Breach("message_id") { $0.messageID = "ü" },
        Breach("correlation_id") { $0.correlationID = "a\u{0}b" }, Breach("content_type") { $0.contentType = "text/xml" },
        Breach("content_type") { $0.contentType = "application/json; charset=latin1" },
        Breach("content_encoding") { $0.contentEncoding = "gzip" }, Breach("type") { $0.type = "teller.chat.request.v2" },
        Breach("expiration") { $0.expiration = "soon" }, Breach("deadline") { $0.headers = ["deadline": "yesterday"] },
        Breach("deadline") { $0.headers = ["deadline": .int64(3)] }, Breach("authorization") { $0.headers = ["authorization": .table([:])] },
        Breach("cloudEvents_specversion") { $0.headers = ["cloudEvents_specversion": "2.0"] },
        Breach("authorization") { $0.headers = AMQPTable([.init("authorization", "Bearer a"), .init("authorization", "Bearer b")]) },
    ])
    func `a property or header outside the contract is named`(_ breach: Breach) {
        let error = #expect(throws: MalformedMessage.self) { try ChatRequest(decoding: self.message(Self.body, breach.make)) }
        #expect(error?.place == breach.place)
    }

    @Test(arguments: [
        ("[]", "the body"), ("{}", "/conversation_id"), (Self.body.replacing("C-1001", with: "C 1001"), "/customer_id"),
        (Self.body.replacing("\"c1\"", with: "1"), "/conversation_id"), (Self.body.replacing("What is my balance?", with: "  "), "/question"),
        (Self.body.replacing("What", with: #"\u0007"#), "/question"), (Self.body.replacing("}", with: #","x":1}"#), "the body"),
        (Self.body.replacing("}", with: #","stream":"yes"}"#), "/stream"), (Self.body.replacing("}", with: #","compose":"fancy"}"#), "/compose"),
        (Self.body.replacing("}", with: #","plan":"greet"}"#), "/plan"), (Self.body.replacing("}", with: #","plan":{"arguments":{}}}"#), "/plan/tool"),
        (Self.body.replacing("}", with: #","plan":{"tool":"greet","arguments":[]}}"#), "/plan/arguments"),
        (Self.body.replacing("}", with: #","locale":"zh CN"}"#), "/locale"),
        (Self.body.replacing("What", with: String(repeating: "x", count: 8001)), "/question"),
        (Self.body.replacing("What", with: String(repeating: "x", count: 70_000)), "the body"),
    ])
    func `a body outside the schema is refused with the place, never the value`(_ body: String, _ place: String) {
        let error = #expect(throws: MalformedMessage.self) { try ChatRequest(decoding: self.message(body)) }
        #expect(error?.place == place)
        #expect(error?.description.contains("C 1001") == false)
    }

    @Test(arguments: [
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", "junk",
    ])
    func `a trace context that W3C does not know is passed over`(_ parent: String) throws {
        let message = self.message { $0.headers = ["traceparent": .string(parent)] }
        #expect(try ChatRequest(decoding: message).trace == nil)
    }
}
