public import Foundation
import Postgres
public import TellerMessages

/// A dead letter as one line of an export (JSON Lines): everything, the message included, so that an import restores it bit for bit.
public struct DeadLetterDocument: Sendable, Hashable {
    public var id: UUID
    /// All columns but the message's, as they are named in `teller.failures`.
    var columns: JSONObject
    public var message: StoredMessage.Columns

    /// Why a line is no dead letter.
    public struct Malformed: Error, Hashable, CustomStringConvertible {
        public let member: String
        public var description: String { "the member \(self.member) is missing or is not as teller dead export writes it" }
    }

    static let columnNames = [
        "request_id", "customer_id", "conversation_id", "failure_class", "fingerprint", "problem", "attempts", "first_failed_microseconds",
        "last_failed_microseconds", "state", "discard_reason", "source", "broker_reason", "schema_version", "model",
    ]

    /// Reads a line of an export.
    public init(_ json: JSONValue) throws(Malformed) {
        guard let object = json.object, let id = object["failure_id"]?.string.flatMap({ UUID(uuidString: $0) }) else {
            throw Malformed(member: "failure_id")
        }
        self.id = id
        self.columns = JSONObject()
        for name in Self.columnNames { self.columns[name] = object[name] }
        guard let message = object["message"]?.object else { throw Malformed(member: "message") }
        func text(_ name: String) throws(Malformed) -> String {
            guard let text = message[name]?.string else { throw Malformed(member: "message/\(name)") }
            return text
        }
        let body = message["body"]?.object
        let bytes = body?["text"]?.string.map { Array($0.utf8) } ?? body?["base64"]?.string.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) }
        guard let bytes else { throw Malformed(member: "message/body") }
        guard let properties = message["properties"], let withheld = message["withheld"] else { throw Malformed(member: "message/properties") }
        self.message = StoredMessage.Columns(
            queue: try text("queue"), exchange: try text("exchange"), routingKey: try text("routing_key"), properties: properties,
            withheld: withheld, body: bytes)
        do { _ = try StoredMessage(self.message) } catch { throw Malformed(member: "message/\(error.place)") }
    }

    init(id: UUID, columns: JSONObject, message: StoredMessage.Columns) {
        self.id = id
        self.columns = columns
        self.message = message
    }

    public var json: JSONValue {
        var object: JSONObject = ["failure_id": .string(self.id.uuidString.lowercased())]
        for (name, value) in self.columns.members { object[name] = value }
        object["message"] = [
            "queue": .string(self.message.queue), "exchange": .string(self.message.exchange),
            "routing_key": .string(self.message.routingKey), "properties": self.message.properties, "withheld": self.message.withheld,
            "body": Self.json(ofBody: self.message.body),
        ]
        return .object(object)
    }

    /// As text where it is one that JSON can hold, so that an export can be read and searched; NUL it cannot hold in this program.
    private static func json(ofBody body: [UInt8]) -> JSONValue {
        guard !body.contains(0), let text = String(validating: body, as: UTF8.self) else {
            return ["base64": .string(Data(body).base64EncodedString())]
        }
        return ["text": .string(text)]
    }
}
