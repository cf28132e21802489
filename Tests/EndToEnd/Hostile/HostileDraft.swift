import AMQP
import Foundation

/// A good request whose parts a case may spoil before it is published.
struct HostileDraft: Sendable {
    /// Words that stand in every question, and must be in no log and no answer that carries no facts.
    static let canary = "marzipan"

    /// Unique to the message: its id, its conversation and the end of its routing key.
    let key: String
    var properties: AMQPProperties
    /// Takes the place of the properties.
    var rawProperties: AMQPRawProperties?
    /// Takes the place of the body that the members make.
    var body: [UInt8]?
    var exchange = "teller.requests"
    var routingKey: [UInt8]
    /// The customer's token, without the word before it; nil for none.
    var token: String?
    /// The members of the body in their order, each value as JSON text.
    private var members: [(name: String, json: String)]

    init() throws {
        let key = UUID().uuidString.lowercased()
        self.key = key
        self.routingKey = Array("banking.hostile.\(key)".utf8)
        self.properties = AMQPProperties(
            contentType: "application/json", deliveryMode: 2, messageID: key, type: "teller.chat.request.v1")
        self.token = try HostileToken().text()
        self.members = [
            ("conversation_id", "\"\(key)\""), ("customer_id", "\"C-1001\""), ("question", "\"What is my balance, \(Self.canary)?\""),
            ("plan", #"{"tool":"account.balance","arguments":{"account":"checking"}}"#), ("compose", #""plain""#),
        ]
    }

    /// A member of the body as JSON text.
    subscript(member name: String) -> String? {
        get { self.members.first { $0.name == name }?.json }
        set {
            let index = self.members.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let json?): self.members[index].json = json
            case (let index?, nil): self.members.remove(at: index)
            case (nil, let json?): self.members.append((name, json))
            case (nil, nil): break
            }
        }
    }

    /// A member more, at the end, whatever there is; its name as it stands in JSON.
    mutating func append(_ name: String, _ json: String) { self.members.append((name, json)) }

    /// The body that the members make.
    var json: String { "{" + self.members.map { "\"\($0.name)\":\($0.json)" }.joined(separator: ",") + "}" }

    var bytes: [UInt8] { self.body ?? Array(self.json.utf8) }

    /// The headers, to which the token is added when the message is published.
    var headers: AMQPTable {
        get { self.properties.headers ?? [:] }
        set { self.properties.headers = newValue }
    }

    var message: AMQPMessage {
        var properties = self.properties
        if let token { properties.headers = AMQPTable([.init("authorization", .string("Bearer \(token)"))] + self.headers.entries) }
        return AMQPMessage(properties: properties, body: self.bytes)
    }

    /// Makes the properties bytes: those of a good request, to be spoilt by the caller.
    mutating func spoilBytes(_ spoil: (inout AMQPRawProperties) -> Void) {
        var raw = AMQPRawProperties()
        raw[.contentType] = Array("application/json".utf8)
        raw[.deliveryMode] = [2]
        raw[.messageID] = Array(self.key.utf8)
        raw[.headers] = AMQPRawProperties.header("authorization", "Bearer \(self.token ?? "")")
        spoil(&raw)
        self.rawProperties = raw
    }
}
