import Foundation
import Ledger
import Postgres
import Schemas
import TellerMessages
import Testing

@testable import Assistant

/// Answers over the demonstration's rows.
@Suite(.serialized, .timeLimit(.minutes(5)), .sharedLedgerDatabase) struct AssistantAnswerTests {
    private func bench() throws -> AssistantBench { try AssistantBench(.shared) }

    @Test(arguments: [("C-1001", Language.english, "USD"), ("C-1002", .chinese, "CNY")])
    func `every figure of a balance is the row that its fact cites`(
        customer: String, language: Language, currency: String
    ) async throws {
        let bench = try self.bench()
        let answer = try await bench.plain("account.balance", as: customer, in: language)
        let balances = answer.facts.filter { $0.name.hasPrefix("balance_") }
        let rows = try await bench.database.unbound([
            "SELECT account_id, balance FROM ledger.accounts WHERE customer_id = \(customer)"
        ])[0]
        #expect(balances.count == rows.count && balances.allSatisfy { $0.unit == currency })
        for row in rows {
            let id: String = try row.decode("account_id")
            let fact = try #require(balances.first { $0.source == "ledger.accounts/\(id)" })
            #expect(Decimal(string: fact.value) == (try row.decode("balance", as: Decimal.self)))
        }
        let total = try #require(answer.facts.first { $0.name == "total" })
        #expect(
            Decimal(string: total.value) == balances.reduce(Decimal(0)) { $0 + (Decimal(string: $1.value) ?? 0) })
        #expect(answer.language == language && answer.wording == .plain(.requested))
        #expect(answer.usage == .init() && answer.disclosures.count == 1)
    }

    @Test(arguments: [
        ("spending.summary; merchant=Netflix; period=last_month", "merchant ILIKE '%netflix%'"),
        ("spending.summary; category=dining; period=last_month", "category = 'dining'"),
    ])
    func `what was spent is the sum of the rows that its fact cites`(line: String, condition: String) async throws {
        let bench = try self.bench()
        let answer = try await bench.plain(line, as: "C-1001")
        let row = try await bench.database.unbound([
            """
            SELECT count(*), -sum(amount) AS spent, array_agg(transaction_id::text) AS ids FROM ledger.transactions
            WHERE customer_id = 'C-1001' AND amount < 0 AND \(unescaped: condition)
                AND posted_at >= '2026-10-01 00:00 America/New_York' AND posted_at < '2026-11-01 00:00 America/New_York'
            """
        ])[0][0]
        let total = try #require(answer.facts.first { $0.name == "total" })
        let count = try row.decode("count", as: Int.self)
        #expect(count > 0 && answer.facts.contains { $0.name == "count" && $0.value == "\(count)" })
        #expect(Decimal(string: total.value) == (try row.decode("spent", as: Decimal.self)))
        let cited = total.source.split(separator: "rows=").last?.prefix { $0 != " " }.split(separator: ",") ?? []
        #expect(cited.count == min(count, TransactionTotals.citedRows))
        #expect(Set(cited.map(String.init)).isSubset(of: try row.decode("ids", as: [String].self)))
        #expect(answer.text.contains("last month (Oct 1 – Oct 31, 2026)"))
    }

    @Test func `all spending is told by category, transfers left out, and adds up`() async throws {
        let bench = try self.bench()
        let answer = try await bench.plain("spending.summary; period=last_month", as: "C-1001")
        let row = try await bench.database.unbound([
            """
            SELECT -sum(amount) AS spent FROM ledger.transactions WHERE customer_id = 'C-1001' AND amount < 0
                AND category IS DISTINCT FROM 'transfer'
                AND posted_at >= '2026-10-01 00:00 America/New_York' AND posted_at < '2026-11-01 00:00 America/New_York'
            """
        ])[0][0]
        let total = try #require(answer.facts.first { $0.name == "total" })
        #expect(Decimal(string: total.value) == (try row.decode("spent", as: Decimal.self)))
        #expect(!answer.facts.contains { $0.value == "transfer" })
        #expect(answer.facts.contains { $0.name == "amount_5" } && !answer.facts.contains { $0.name == "amount_6" })
    }

    @Test func `the latest transactions are listed, as many as were asked for`() async throws {
        let answer = try await self.bench().plain("transactions.search; min=15; count=three", as: "C-1001")
        #expect(answer.text.hasPrefix("I found 3 transactions of at least 15, "))
        #expect(answer.text.split(separator: "\n").count == 4)
        let usual = try await self.bench().plain("transactions.search", as: "C-1002", in: .chinese)
        #expect(usual.text.split(separator: "\n").count == 6 && usual.text.contains("最近的是"))
    }

    @Test func `two currencies are never added`() async throws {
        let answer = try await self.bench().plain("account.balance", as: "C-1005")
        #expect(
            !answer.facts.contains { $0.name == "total" } && answer.text.contains("CNY ") && answer.text.contains("$"))
    }

    @Test func `the account of a request restricts every tool`() async throws {
        let bench = try self.bench()
        for line in ["account.balance", "accounts.list"] {
            let answer = try await bench.plain(line, as: "C-1001", account: "A-1001-2")
            #expect(
                Set(answer.facts.filter { $0.name.contains("balance") }.map(\.source)) == ["ledger.accounts/A-1001-2"])
        }
        let search = try await bench.plain("transactions.search", as: "C-1001", account: "A-1001-3")
        let ids = search.facts.filter { $0.name.hasPrefix("amount_") }.compactMap {
            $0.source.split(separator: "/").last
        }
        for id in ids {
            let rows = try await bench.database.unbound([
                "SELECT account_id FROM ledger.transactions WHERE transaction_id = \(String(id))"
            ])[0]
            #expect(try rows.map { try $0.decode("account_id", as: String.self) } == ["A-1001-3"])
        }
        #expect(ids.count == 5)
    }

    @Test(arguments: ["account.balance", "accounts.list", "transactions.search", "spending.summary; period=this_year"])
    func `another customer's account is not there`(line: String) async throws {
        let answer = try await self.bench().plain(line, as: "C-1001", account: "A-1002-1")
        #expect(answer.text.hasPrefix("I found no ") && answer.citedRows.allSatisfy { !$0.contains("1002") })
    }

    @Test(arguments: [
        ("what are the risks of stocks", Language.english, "ledger.articles/stock-risk.en"),
        ("股票有什么风险？", .chinese, "ledger.articles/stock-risk.zh"),
    ])
    func `a question on investing quotes the bank's article`(
        question: String, language: Language, source: String
    ) async throws {
        let inquiry = Inquiry(
            question: question, language: language, givenPlan: ToolCall(tool: "knowledge.search"), plainWording: true,
            now: SharedLedgerDatabase.anchor)
        let answer = try await self.bench().answer(inquiry, as: "C-1001")
        #expect((2...5).contains(answer.facts.count) && answer.facts.allSatisfy { $0.source == source })
        #expect(answer.facts.dropFirst().allSatisfy { answer.text.contains($0.value) })
        #expect(answer.disclosures.count == 1)
    }
}
