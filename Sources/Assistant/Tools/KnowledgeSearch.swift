import Foundation
import Ledger
import TellerMessages

/// What the bank's articles say on a question about banking or investing.
struct KnowledgeSearch: Tool {
    let name = "knowledge.search"
    let arguments = [Argument("query", .text, isPlannable: false)]

    func facts(for arguments: ToolArguments, in session: ToolSession) async throws -> FactSheet {
        let articles = try await session.ask(Articles(language: session.language.rawValue))
        let index = await session.articles.index(of: articles, language: session.language)
        let question = arguments["query"] ?? session.question
        return Self.sheet(index.best(for: question)?.article, for: question, phrasebook: session.phrasebook)
    }

    /// The article's title and the sentences that bear on the question, as they stand in it.
    static func sheet(_ article: Article?, for question: String, phrasebook: Phrasebook) -> FactSheet {
        guard let article else { return FactSheet(isWordable: false) }
        let scribe = FactScribe(phrasebook: phrasebook, asOf: article.updatedAt)
        let passages = ArticleIndex.passages(of: article, for: question).enumerated().map { index, sentence in
            FactLine(
                Fact(
                    name: "passage_\(index + 1)", value: sentence, source: article.reference, asOf: article.updatedAt),
                rendering: sentence, nature: .passage)
        }
        return FactSheet(
            [scribe.text("title", article.title, source: article.reference)] + passages,
            disclosures: [phrasebook.text("This is general information, not personal advice.", "以上为一般信息，不构成个人建议。")])
    }

    func plainWording(of sheet: FactSheet, for arguments: ToolArguments, in language: Language) -> String {
        let phrasebook = Phrasebook(language: language)
        let passages = sheet.rows("passage").joined()
        guard let title = sheet["title"], !passages.isEmpty else {
            return phrasebook.text(
                "I have no article on that. A person in customer service can help you with it.",
                "我没有找到这方面的资料，请联系人工客服，工作人员可以帮助您。")
        }
        return phrasebook.text(
            "\(passages.joined(separator: " "))\nSource: \(title)", "\(passages.joined())\n来源：《\(title)》")
    }
}
