public import Foundation

/// Something the bank wants its customers told about banking or investing.
public struct Article: Sendable, Hashable {
    public let id: String
    /// `en` or `zh`.
    public let language: String
    /// The same for an article and its translation, such as `stock-risk`.
    public let topic: String
    public let title: String
    /// Plain sentences.
    public let body: String
    /// Words that a question on the topic is likely to contain.
    public let keywords: [String]
    public let updatedAt: Date

    /// The row, as an answer cites it.
    public var reference: String { "ledger.articles/\(self.id)" }

    public init(
        id: String, language: String, topic: String, title: String, body: String, keywords: [String] = [],
        updatedAt: Date
    ) {
        self.id = id
        self.language = language
        self.topic = topic
        self.title = title
        self.body = body
        self.keywords = keywords
        self.updatedAt = updatedAt
    }
}
