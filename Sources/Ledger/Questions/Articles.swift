public import Postgres

/// Asks for every article in a language, by topic.
public struct Articles: LedgerQuestion {
    /// `en` or `zh`.
    public let language: String

    public init(language: String) {
        self.language = language
    }

    public func statement(at moment: LedgerMoment) -> PostgresQuery {
        """
        SELECT article_id, language, topic, title, body, keywords, updated_at
        FROM ledger.articles WHERE language = \(self.language) ORDER BY topic
        """
    }

    public func decode(_ rows: [PostgresRow]) throws -> [Article] {
        try rows.map { row in
            Article(
                id: try row.decode("article_id"), language: try row.decode("language"), topic: try row.decode("topic"),
                title: try row.decode("title"), body: try row.decode("body"), keywords: try row.decode("keywords"),
                updatedAt: try row.decode("updated_at"))
        }
    }
}
