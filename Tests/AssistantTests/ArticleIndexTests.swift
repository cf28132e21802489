import Foundation
import Ledger
import TellerMessages
import Testing

@testable import Assistant

@Suite struct ArticleIndexTests {
    private static func article(_ id: String, _ title: String, _ body: String, _ keywords: [String] = []) -> Article {
        Article(id: id, language: "en", topic: id, title: title, body: body, keywords: keywords, updatedAt: Sample.now)
    }

    private let english = ArticleIndex([
        article(
            "etf", "What an ETF is", "An ETF is a fund that trades like a stock. Fees are low.",
            ["exchange traded fund"]),
        article("stock-risk", "Risks of stocks", "Stocks can fall fast. No return is guaranteed. Spread your money."),
        article("overdraft", "Overdraft fees", "The bank charges a fee when you overdraw an account."),
        article("inflation", "Inflation", "Prices rise over time, so money buys less."),
    ])
    private let chinese = ArticleIndex([
        article("etf", "什么是ETF", "ETF是在交易所买卖的基金。费用较低。", ["交易型开放式指数基金"]),
        article("risk", "股票的风险", "股票价格可能快速下跌。收益没有保证。"), article("inflation", "通货膨胀", "物价上涨，钱的购买力下降。", ["通胀"]),
    ])

    @Test(arguments: [
        ("what's an etf?", "etf"), ("Are stocks risky?", "stock-risk"), ("how risky is a stock", "stock-risk"),
        ("why was I charged an overdraft fee", "overdraft"), ("explain inflation", "inflation"),
        ("exchange traded funds", "etf"),
    ])
    func `the article on the question's subject comes first`(question: String, id: String) {
        #expect(self.english.best(for: question)?.article.id == id)
    }

    @Test(arguments: [("ETF是什么", "etf"), ("股票有什么风险？", "risk"), ("请解释一下通胀", "inflation"), ("通货膨胀是什么意思", "inflation")])
    func `Chinese questions find Chinese articles`(question: String, id: String) {
        #expect(self.chinese.best(for: question)?.article.id == id)
    }

    @Test(arguments: [
        "", "?!", "what is the", "how do I cook pasta with tomatoes", "who won the football match yesterday",
    ])
    func `a question on nothing of that finds nothing`(question: String) {
        #expect(self.english.best(for: question) == nil)
    }

    @Test(arguments: ["", "怎么做红烧肉", "今天天气怎么样"])
    func `a Chinese question on nothing of that finds nothing`(question: String) {
        #expect(self.chinese.best(for: question) == nil)
    }

    @Test func `an empty shelf finds nothing`() { #expect(ArticleIndex([]).best(for: "etf") == nil) }

    @Test func `the passages are the article's sentences, verbatim and in order`() {
        let body =
            "A bond is a loan. It pays interest. Rates were 0.5% in 2020. Prices fall when rates rise! Is it safe? Mostly. It ends."
        let passages = ArticleIndex.passages(
            of: Self.article("bond", "Bonds", body), for: "why do bond prices fall with rates")
        #expect(
            passages == [
                "A bond is a loan.", "It pays interest.", "Rates were 0.5% in 2020.", "Prices fall when rates rise!",
            ])
    }

    @Test(arguments: [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It costs 0.5% a year. e.g.this", ["It costs 0.5% a year.", "e.g.this"]),
        ("第一句。第二句！第三句？尾", ["第一句。", "第二句！", "第三句？", "尾"]), ("A line\nand another", ["A line", "and another"]), ("", []),
    ])
    func `sentences end at their marks`(text: String, sentences: [String]) {
        #expect(Sentences(text).list == sentences)
    }

    @Test(arguments: [
        ("stock", "stocks"), ("rate", "rates"), ("fee", "fees"), ("invest", "investing"), ("policy", "policies"),
        ("charge", "charged"),
        ("overdraft", "Overdrafts"), ("bank's", "banks"),
    ])
    func `forms of a word meet`(one: String, other: String) { #expect(Terms(one).list == Terms(other).list) }

    @Test func `an index is kept until the articles change`() async {
        let shelf = ArticleShelf()
        let old = Self.article("a", "Savings", "Savings earn interest.")
        #expect(await shelf.index(of: [old], language: .english).best(for: "savings")?.article.body == old.body)
        let new = Article(
            id: "a", language: "en", topic: "a", title: "Savings", body: "Savings earn more interest.",
            updatedAt: Sample.now + 1)
        #expect(await shelf.index(of: [new], language: .english).best(for: "savings")?.article.body == new.body)
    }
}
