import Foundation
import Ledger
import Schemas
import TellerMessages
import Testing

@testable import Assistant

/// The articles that come with the demonstration, asked about as customers ask.
@Suite struct ArticleRankingTests {
    private static let indexes: [Language: ArticleIndex] = {
        let document = try? JSONValue(parsing: Array(Schemas.articles.utf8), maximumSize: 1 << 20)
        let articles = (document?.array ?? []).compactMap { value -> Article? in
            guard let article = value.object, let id = article["article_id"]?.string,
                let language = article["language"]?.string,
                let topic = article["topic"]?.string, let title = article["title"]?.string,
                let body = article["body"]?.string
            else { return nil }
            return Article(
                id: id, language: language, topic: topic, title: title, body: body,
                keywords: (article["keywords"]?.array ?? []).compactMap(\.string), updatedAt: Sample.now)
        }
        return Dictionary(
            uniqueKeysWithValues: Language.allCases.map { language in
                (language, ArticleIndex(articles.filter { $0.language == language.rawValue }))
            })
    }()

    private func topic(_ question: String) -> String? {
        Self.indexes[Language(of: question)]?.best(for: question)?.article.topic
    }

    @Test(arguments: [
        ("how risky are stocks?", "stock-risk"), ("can I lose money in the stock market", "stock-risk"),
        ("what's an ETF", "etfs"),
        ("explain index funds", "index-funds"), ("why do bond prices fall when rates rise", "bonds"),
        ("what does diversification mean", "diversification"), ("how do dividends work", "dividends"),
        ("what's the p/e ratio", "price-earnings-ratio"), ("how does compound interest work", "compound-interest"),
        ("how can I improve my credit score", "credit-score"),
        ("how is credit card interest calculated", "credit-card-interest"),
        ("what happens if I only pay the minimum", "minimum-payment"), ("is there a fee for paying late", "late-fees"),
        ("my card was stolen what should I do", "lost-card"),
        ("I got a suspicious email asking for my password", "phishing"),
        ("how do personal loans work", "loans"), ("how does a mortgage work", "mortgages"),
        ("fixed vs variable rate", "fixed-and-variable-rates"), ("can I pay off my loan early", "early-repayment"),
        ("what does APR mean", "annual-percentage-rate"), ("how long does a wire transfer take", "wire-transfers"),
        ("what happens to my deposits if the bank fails", "deposit-insurance"),
        ("what is margin trading", "margin-trading"),
        ("how big should my emergency fund be", "emergency-fund"),
        ("where can I find my statements", "account-statements"),
    ])
    func `an English question finds its article`(question: String, topic: String) {
        #expect(self.topic(question) == topic)
    }

    @Test(arguments: [
        ("炒股有什么风险", "stock-risk"), ("什么是ETF", "etfs"), ("指数基金是什么", "index-funds"), ("债券是怎么回事", "bonds"),
        ("为什么要分散投资", "diversification"), ("市盈率怎么看", "price-earnings-ratio"), ("复利怎么算", "compound-interest"),
        ("定期存款可以提前支取吗", "term-deposits"), ("怎么提高信用评分", "credit-score"), ("信用卡利息怎么算", "credit-card-interest"),
        ("只还最低还款会怎样", "minimum-payment"), ("逾期还款要交多少钱", "late-fees"), ("我的卡被盗刷了怎么办", "card-fraud"),
        ("收到可疑短信怎么办", "phishing"), ("贷款是怎么运作的", "loans"), ("房贷是怎么回事", "mortgages"),
        ("固定利率和浮动利率有什么区别", "fixed-and-variable-rates"), ("可以提前还款吗", "early-repayment"),
        ("年化利率是什么", "annual-percentage-rate"),
        ("跨行转账多久到账", "wire-transfers"), ("我的存款有保险吗", "deposit-insurance"), ("融资融券是什么", "margin-trading"),
        ("应急资金要留多少", "emergency-fund"), ("利息要交税吗", "tax-on-interest"), ("在哪里看对账单", "account-statements"),
        ("我要投诉", "complaints"),
    ])
    func `a Chinese question finds its article`(question: String, topic: String) {
        #expect(self.topic(question) == topic)
    }

    @Test(arguments: [
        "how do I bake bread", "who won the world cup", "what's the weather like tomorrow",
        "write me a poem about the sea",
        "how tall is the eiffel tower", "do you like pizza", "今天天气怎么样", "帮我写一首诗", "红烧肉怎么做", "推荐一部电影", "北京到上海多远",
    ])
    func `a question on something else finds none`(question: String) { #expect(self.topic(question) == nil) }
}
