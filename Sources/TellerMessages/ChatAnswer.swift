public import Foundation

/// The answer to a request, as Teller publishes it: `teller.chat.answer.v1`.
public struct ChatAnswer: Sendable, Hashable {
    public static let messageType = "teller.chat.answer.v1"

    public enum Status: String, Sendable {
        case answered
        case refused
        case expired
        case failed
    }

    /// The model that planned and worded the answer.
    public struct Model: Sendable, Hashable {
        public var name: String
        public var revision: String
        /// How the weights were held: `f32`, `bf16`, `q8` or `q4`.
        public var weights: String

        public init(name: String, revision: String, weights: String) {
            self.name = name
            self.revision = revision
            self.weights = weights
        }
    }

    /// Tokens spent on the answer.
    public struct Usage: Sendable, Hashable {
        public var promptTokens = 0
        public var cachedTokens = 0
        public var completionTokens = 0

        public init(promptTokens: Int = 0, cachedTokens: Int = 0, completionTokens: Int = 0) {
            self.promptTokens = promptTokens
            self.cachedTokens = cachedTokens
            self.completionTokens = completionTokens
        }
    }

    public var requestID: String
    /// 1 for a request's first answer; more when a replay gave a new one.
    public var version: Int
    /// The answer id that this one takes the place of.
    public var supersedes: UUID?
    /// Empty when the request could not be read.
    public var conversationID: String
    public var status: Status
    /// A BCP 47 language tag: `en` or `zh`.
    public var language: String
    public var text: String
    public var plan: ToolCall?
    public var facts: [Fact] = []
    public var disclosures: [String] = []
    public var problem: Problem?
    public var model: Model?
    public var usage = Usage()
    /// Milliseconds spent, by stage.
    public var timing: [(stage: String, milliseconds: Int)] = []

    public var id: UUID { AnswerID.make(request: self.requestID, version: self.version) }

    public init(requestID: String, version: Int = 1, conversationID: String, status: Status, language: String, text: String) {
        self.requestID = requestID
        self.version = version
        self.conversationID = conversationID
        self.status = status
        self.language = language
        self.text = text
    }

    public static func == (left: ChatAnswer, right: ChatAnswer) -> Bool { left.json == right.json }
    public func hash(into hasher: inout Hasher) { hasher.combine(self.json) }
}

extension ChatAnswer {
    public var json: JSONValue {
        var object: JSONObject = [
            "request_id": .string(self.requestID), "answer_id": .string(self.id.uuidString.lowercased()),
            "version": .integer(self.version),
        ]
        object["supersedes"] = self.supersedes.map { .string($0.uuidString.lowercased()) }
        object["conversation_id"] = .string(self.conversationID)
        object["status"] = .string(self.status.rawValue)
        object["language"] = .string(self.language)
        object["text"] = .string(self.text)
        object["plan"] = self.plan?.json
        object["facts"] = .array(self.facts.map(\.json))
        object["disclosures"] = .array(self.disclosures.map { .string($0) })
        object["problem"] = self.problem?.json
        object["model"] = self.model.map {
            ["name": .string($0.name), "revision": .string($0.revision), "weights": .string($0.weights)]
        }
        object["usage"] = [
            "prompt_tokens": .integer(self.usage.promptTokens), "cached_tokens": .integer(self.usage.cachedTokens),
            "completion_tokens": .integer(self.usage.completionTokens),
        ]
        var timing = JSONObject()
        for (stage, milliseconds) in self.timing { timing[stage] = .integer(milliseconds) }
        object["timing"] = .object(timing)
        return .object(object)
    }
}
