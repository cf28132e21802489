import Testing

/// One message of a hostile client, and the one thing that must come of it.
struct HostileCase: Sendable, CustomTestStringConvertible {
    /// What may come of a message.
    enum Outcome: String, Sendable {
        /// It is as good as any other.
        case answered
        /// An answer that refuses, and nothing else.
        case refused
        /// An answer that it came too late, and nothing else.
        case expired
        /// A dead letter that holds the message, and a `failed` answer.
        case failed
        /// The broker itself closes the client's channel over it.
        case stopped
    }

    let name: String
    let outcome: Outcome
    let make: @Sendable (inout HostileDraft) throws -> Void

    init(_ name: String, _ outcome: Outcome, _ make: @escaping @Sendable (inout HostileDraft) throws -> Void) {
        self.name = name
        self.outcome = outcome
        self.make = make
    }

    /// A request with another body.
    init(_ name: String, _ outcome: Outcome, body: [UInt8]) {
        self.init(name, outcome) { $0.body = body }
    }

    /// A request whose body has one member with another value, written as JSON; nil leaves the member out.
    init(_ outcome: Outcome, _ member: String, _ json: String?, as name: String? = nil) {
        self.init("\(member) is \(name ?? json ?? "missing")", outcome) { $0[member: member] = json }
    }

    var testDescription: String { self.name }

    /// The message with a key of its own, by which all that comes of it is known.
    func draft() throws -> HostileDraft {
        var draft = try HostileDraft()
        try self.make(&draft)
        return draft
    }
}
