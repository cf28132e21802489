import Foundation
import Ledger

/// Keeps the index of each language's articles until the articles change.
actor ArticleShelf {
    /// What tells one set of articles from another: which they are and when each was last changed.
    private struct Revision: Hashable {
        let ids: [String]
        let dates: [Date]
    }

    private var shelves: [String: (revision: Revision, index: ArticleIndex)] = [:]

    init() {}

    /// The index of these articles, built only if they are not those of the last call for the language.
    func index(of articles: [Article], language: Language) -> ArticleIndex {
        let revision = Revision(ids: articles.map(\.id), dates: articles.map(\.updatedAt))
        if let shelf = self.shelves[language.rawValue], shelf.revision == revision { return shelf.index }
        let index = ArticleIndex(articles)
        self.shelves[language.rawValue] = (revision, index)
        return index
    }
}
