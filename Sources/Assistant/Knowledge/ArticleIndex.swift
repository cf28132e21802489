import Foundation
import Ledger

/// Finds the article that answers a question, by Okapi BM25 over title, keywords and body.
///
/// A term's weight in an article is its count in the body, plus its count in the title and the keywords times the
/// weight of each (BM25F: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009), saturated with k₁
/// and normalised by length with b.
struct ArticleIndex: Sendable {
    /// An article and how well it answers.
    struct Match: Sendable {
        let article: Article
        let score: Double
    }

    private static let k1 = 1.2
    private static let b = 0.6
    private static let titleWeight = 3.0
    private static let keywordWeight = 3.0
    /// How much a single Han character counts beside a pair.
    private static let singleWeight = 0.25
    /// How much a pair of Han characters that no article has counts: most such pairs only straddle two words.
    private static let unknownPairWeight = 0.5
    /// Which part of a question's weight an article has to hold for it to be an answer.
    private static let coverage = 0.3

    private let articles: [Article]
    private let weights: [[String: Double]]
    /// The terms of each keyword of each article.
    private let keywords: [[Set<String>]]
    private let lengths: [Double]
    private let averageLength: Double
    private let frequencies: [String: Int]

    init(_ articles: [Article]) {
        self.articles = articles
        self.weights = articles.map { article in
            var weights: [String: Double] = [:]
            for term in Terms(article.body).list { weights[term, default: 0] += 1 }
            for term in Terms(article.title).list { weights[term, default: 0] += Self.titleWeight }
            for keyword in article.keywords {
                // A keyword of several words speaks for an article as a whole, each word only for its part.
                let words = keyword.split(separator: " ").count
                for term in Terms(keyword).list {
                    weights[term, default: 0] += Self.keywordWeight / Double(max(1, words))
                }
            }
            return weights
        }
        self.keywords = articles.map { $0.keywords.map { Set(Terms($0).list) }.filter { !$0.isEmpty } }
        self.lengths = self.weights.map { $0.values.reduce(0, +) }
        self.averageLength = max(1, self.lengths.reduce(0, +) / Double(max(1, articles.count)))
        self.frequencies = self.weights.reduce(into: [:]) { frequencies, weights in
            for term in weights.keys { frequencies[term, default: 0] += 1 }
        }
    }

    /// The article that answers a question best, if one answers it at all.
    func best(for question: String) -> Match? {
        let terms = Set(Terms(question).list)
        let total = terms.reduce(0) { $0 + self.significance(of: $1) }
        let scores = self.articles.indices.map { self.score($0, terms) }
        guard let index = scores.indices.max(by: { scores[$0] < scores[$1] }), scores[index] > 0, total > 0 else {
            return nil
        }
        let covered = terms.filter { self.weights[index][$0] != nil }.reduce(0) { $0 + self.significance(of: $1) }
        guard covered >= Self.coverage * total else { return nil }
        return Match(article: self.articles[index], score: scores[index])
    }

    /// The sentences of an article that bear on a question, verbatim and in their order.
    ///
    /// The first sentence always comes along, since it says what the rest is about.
    static func passages(of article: Article, for question: String, limit: Int = 4) -> [String] {
        let sentences = Sentences(article.body).list
        guard sentences.count > limit else { return sentences }
        let terms = Set(Terms(question).list)
        let ranked = sentences.indices.dropFirst().sorted { left, right in
            let (leftHits, rightHits) = (Self.hits(sentences[left], terms), Self.hits(sentences[right], terms))
            return leftHits == rightHits ? left < right : leftHits > rightHits
        }
        return ([0] + ranked.prefix(limit - 1)).sorted().map { sentences[$0] }
    }

    private static func hits(_ sentence: String, _ terms: Set<String>) -> Double {
        Set(Terms(sentence).list).intersection(terms).reduce(0) { $0 + (Terms.isSingle($1) ? Self.singleWeight : 1) }
    }

    private func score(_ index: Int, _ terms: Set<String>) -> Double {
        let found = terms.reduce(0) { sum, term in
            guard let weight = self.weights[index][term] else { return sum }
            let length = 1 - Self.b + Self.b * self.lengths[index] / self.averageLength
            return sum + self.significance(of: term) * weight * (Self.k1 + 1) / (weight + Self.k1 * length)
        }
        // A keyword that the question holds whole says more than its terms one by one.
        let whole =
            self.keywords[index].filter(terms.isSuperset).map { $0.reduce(0) { $0 + self.significance(of: $1) } }.max()
            ?? 0
        return found + whole
    }

    /// The inverse document frequency; a term that no article has is as significant as one that a single article has.
    private func significance(of term: String) -> Double {
        let count = Double(self.articles.count)
        let frequency = Double(max(1, self.frequencies[term] ?? 0))
        let rarity = log(1 + (count - frequency + 0.5) / (frequency + 0.5))
        if Terms.isSingle(term) { return rarity * Self.singleWeight }
        let isUnknownPair = self.frequencies[term] == nil && term.unicodeScalars.first?.isHan == true
        return isUnknownPair ? rarity * Self.unknownPairWeight : rarity
    }
}
