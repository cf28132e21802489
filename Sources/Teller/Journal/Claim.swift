import Crypto
import Foundation
import TellerMessages

/// What the journal says when a worker asks for a request.
enum Claim: Sendable {
    /// The request is this worker's until its lease ends.
    case started(Attempt)
    /// As many attempts as allowed began and vanished, most likely with their process. Held, so that it can be settled.
    case quarantined(Attempt)
    /// It was answered before; this is what to send again.
    case settled(RecordedAnswer)
    /// An attempt at it vanished, perhaps because it brings the process down: it may be tried only while nothing else is.
    case suspect
    /// An earlier turn of the conversation is still being answered.
    case waiting
    /// The id belongs to another body or another customer.
    case conflict
    /// It was never claimed, and the caller wanted no new one.
    case unknown
    /// The token was issued for another body, and this one is not an operator's edit of that.
    case otherBody
}

/// A worker's hold on a request.
struct Attempt: Sendable {
    let requestID: String
    /// The number of this attempt. Only its holder may record or release, so a worker that slept too long can do neither.
    let fence: Int
    /// How many attempts failed before.
    let failures: Int
    let firstClaim: Date
    /// The version that its answer will have: more than 1 when the request was answered before and is replayed.
    let version: Int
    /// The plan of the turn before, for a question that refers to it.
    let previousPlan: ToolCall?
}

extension Attempt {
    /// The answer that the new one takes the place of.
    var supersedes: UUID? {
        self.version > 1 ? AnswerID.make(request: self.requestID, version: self.version - 1) : nil
    }
}

/// An answer as it is kept: bytes that are sent again unchanged.
struct RecordedAnswer: Sendable {
    let id: UUID
    let version: Int
    let status: ChatAnswer.Status
    let body: [UInt8]

    /// The id as it is written on the wire.
    var messageID: String { self.id.uuidString.lowercased() }
}

extension RecordedAnswer {
    init(_ answer: ChatAnswer) {
        self.init(id: answer.id, version: answer.version, status: answer.status, body: answer.json.serialized)
    }

    /// The answer to a message that no attempt was made for, and of which nothing is recorded: it breaks the contract, proves
    /// nobody, or took another request's id.
    ///
    /// It must not pass for the answer of the request that has, or will have, that id. So its own is made of the message's
    /// body and the answer's words, and no request's id holds the space between: the same answer again is the same message.
    init(_ answer: ChatAnswer, apartFor body: [UInt8]) {
        var hash = SHA256()
        for part in [body, answer.json.serialized] { hash.update(data: Array(SHA256.hash(data: part))) }
        let id = AnswerID.make(request: "\(answer.requestID) \(hash.finalize().hexadecimal)", version: answer.version)
        var object = answer.json.object ?? JSONObject()
        object["answer_id"] = .string(id.uuidString.lowercased())
        self.init(id: id, version: answer.version, status: answer.status, body: JSONValue.object(object).serialized)
    }
}
