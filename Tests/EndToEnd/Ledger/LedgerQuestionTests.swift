import Finance
import Foundation
import Ledger
import Postgres
import Schemas
import Testing

extension LedgerOnServer {
    /// The questions against the demonstration's rows.
    @Suite struct QuestionTests {
        /// October 2026 in New York: from 04:00 UTC on the first, summer time.
        private static let october = DateInterval(
            start: Date(timeIntervalSince1970: 1_790_827_200), end: Date(timeIntervalSince1970: 1_793_505_600))

        @Test func `the demonstration loads in five seconds, twice, beside other customers, and adds up`() async throws
        {
            try await withLedgerDatabase { database in
                try await database.addTwoCustomers()
                let demo = DemoLedger(anchor: SharedLedgerDatabase.anchor)
                let clock = ContinuousClock()
                let fingerprint: PostgresQuery = """
                    SELECT md5(string_agg(t::text, '|' ORDER BY transaction_id)) AS digest, count(*)
                    FROM ledger.transactions AS t WHERE customer_id LIKE 'C-%'
                    """
                var digests: Set<String> = []
                for _ in 1...2 {
                    let time = try await clock.measure {
                        try await demo.load(into: database.owner, articles: Schemas.articles)
                    }
                    #expect(time < .seconds(5))
                    let row = try await database.unbound([fingerprint])[0][0]
                    digests.insert(try row.decode("digest"))
                    #expect(try row.decode("count", as: Int.self) > 5000)
                }
                #expect(digests.count == 1)
                let others: PostgresQuery = "SELECT FROM ledger.customers WHERE customer_id IN ('A', 'B')"
                #expect(try await database.unbound([others])[0].count == 2)
                let wrong = try await database.unbound([
                    """
                    WITH steps AS (
                        SELECT account_id, amount, balance_after,
                            lag(balance_after) OVER movements AS before, lead(balance_after) OVER movements AS next
                        FROM ledger.transactions WHERE customer_id LIKE 'C-%'
                        WINDOW movements AS (PARTITION BY account_id ORDER BY transaction_id)
                    )
                    SELECT FROM steps JOIN ledger.accounts USING (account_id)
                    WHERE before + amount <> balance_after OR (next IS NULL AND balance_after <> balance)
                    """
                ])[0]
                #expect(wrong.isEmpty)
            }
        }

        @Test func `profile and accounts are the customer's, in order`() async throws {
            let database = try LedgerDatabase.shared
            let (profile, accounts, card) = try await database.store.ask(
                Profile(), Accounts(), Accounts(kind: .credit), as: database.customer("C-1001"))
            #expect(profile.name == "Emily Carter" && profile.timeZone == "America/New_York")
            #expect(accounts.map(\.kind) == [.checking, .savings, .credit, .brokerage])
            #expect(
                accounts[0].name == "Everyday Checking" && accounts[0].maskedNumber == "4821"
                    && accounts[0].asOf == SharedLedgerDatabase.anchor)
            #expect(accounts[0].balance == accounts[0].available)
            let limit = try #require(card.first?.creditLimit)
            #expect(try limit + card[0].balance == card[0].available)
        }

        @Test func `a ticket for a customer that the ledger lacks is told apart`() async throws {
            let database = try LedgerDatabase.shared
            let error = await #expect(throws: LedgerError.self) {
                _ = try await database.store.ask(Profile(), as: database.customer("C-9"))
            }
            #expect(error?.code == .noSuchCustomer)
        }

        @Test func `totals are the sum of the transactions that the same filter lists`() async throws {
            let database = try LedgerDatabase.shared
            let filter = TransactionFilter(merchant: "Starbucks", period: Self.october, direction: .debit)
            let (totals, transactions) = try await database.store.ask(
                TransactionTotals(filter), Transactions(filter, limit: 100), as: database.customer("C-1001"))
            let total = try #require(totals.first)
            #expect(totals.count == 1 && total.count == transactions.count && total.count >= 4)
            #expect(total.sum.amount == transactions.reduce(0) { $0 + $1.amount.amount })
            #expect(total.transactionIDs == transactions.map(\.id) && total.asOf == SharedLedgerDatabase.anchor)
            #expect(transactions.map(\.postedAt) == transactions.map(\.postedAt).sorted(by: >))
        }

        @Test func `a merchant is found whatever the case, the spaces and the punctuation`() async throws {
            let database = try LedgerDatabase.shared
            for (merchant, count) in [
                ("netflix", 1), ("NETFLIX.COM", 1), ("Net flix", 1), ("ｎｅｔｆｌｉｘ", 1), ("netflix.com los gatos", 1),
                ("netfliks", 0),
                ("!?", 0), ("", 0), ("%", 0), ("n_tflix", 0), ("n%x", 0), ("' OR true --", 0), ("trader joes", -1),
                ("City Power and Light", 0), ("city power & light", 1),
            ] {
                let totals = try await database.store.ask(
                    TransactionTotals(TransactionFilter(merchant: merchant, period: Self.october)),
                    as: database.customer("C-1001"))
                #expect(count < 0 ? totals[0].count > 0 : totals[0].count == count, "\(merchant)")
            }
        }

        @Test func `a Chinese customer's merchant is found in either script`() async throws {
            let database = try LedgerDatabase.shared
            for merchant in ["星巴克", "starbucks", "星巴克！"] {
                let totals = try await database.store.ask(
                    TransactionTotals(TransactionFilter(merchant: merchant, period: Self.october)),
                    as: database.customer("C-1002"))
                #expect(
                    totals.count == 1 && totals[0].count >= 4 && totals[0].sum.currency == .cny
                        && totals[0].sum.amount < 0, "\(merchant)")
            }
        }

        @Test func `a period takes its start and leaves its end`() async throws {
            let database = try LedgerDatabase.shared
            let all = try await database.store.ask(
                Transactions(TransactionFilter(), limit: 10), as: database.customer("A"))
            let period = DateInterval(start: all[5].postedAt, end: all[2].postedAt)
            let some = try await database.store.ask(
                Transactions(TransactionFilter(period: period), limit: 10), as: database.customer("A"))
            #expect(some == Array(all[3...5]))
        }

        @Test func `amounts bound the size, both ends included, either way`() async throws {
            let database = try LedgerDatabase.shared
            let (some, none, two) = try await database.store.ask(
                Transactions(TransactionFilter(minimum: 3, maximum: 5), limit: 10),
                Transactions(TransactionFilter(minimum: 3, direction: .credit), limit: 10),
                Transactions(TransactionFilter(text: "purchase 1", direction: .debit), limit: 10),
                as: database.customer("A"))
            #expect(some.map(\.amount.amount) == [-3, -4, -5])
            #expect(none.isEmpty)
            #expect(two.map(\.amount.amount) == [-1, -10])
        }

        @Test func `nothing found is zero in the currencies of the accounts in question`() async throws {
            let database = try LedgerDatabase.shared
            let nothing = TransactionFilter(merchant: "nowhere")
            let (both, one) = try await database.store.ask(
                TransactionTotals(nothing),
                TransactionTotals(TransactionFilter(accountKind: .savings, merchant: "nowhere")),
                as: database.customer("C-1005"))
            #expect(both.map(\.sum) == [.zero(.cny), .zero(.usd)] && both.allSatisfy { $0.count == 0 })
            #expect(one.map(\.sum) == [.zero(.cny)])
        }

        @Test func `spending by category leaves out transfers and income, the most first`() async throws {
            let database = try LedgerDatabase.shared
            let filter = TransactionFilter(period: Self.october)
            let (lines, transfers, transactions) = try await database.store.ask(
                SpendingByCategory(filter),
                SpendingByCategory(TransactionFilter(category: .transfer, period: Self.october)),
                Transactions(TransactionFilter(period: Self.october, direction: .debit), limit: 1000),
                as: database.customer("C-1001"))
            #expect(lines.first?.category == .rent)
            #expect(lines.map(\.spent.amount) == lines.map(\.spent.amount).sorted(by: >))
            #expect(!lines.contains { $0.category == .transfer || $0.category == .income })
            #expect(transfers.map(\.category) == [.transfer])
            for line in lines + transfers {
                let own = transactions.filter { $0.category == line.category }
                #expect(line.count == own.count && line.spent.amount == -own.reduce(0) { $0 + $1.amount.amount })
            }
        }

        @Test func `another customer's account id finds nothing`() async throws {
            let database = try LedgerDatabase.shared
            let filter = TransactionFilter(accountID: "A-1002-1")
            let (accounts, transactions, totals) = try await database.store.ask(
                Accounts(id: "A-1002-1"), Transactions(filter, limit: 5), TransactionTotals(filter),
                as: database.customer("C-1001"))
            #expect(accounts.isEmpty && transactions.isEmpty && totals.isEmpty)
        }

        @Test func `the articles of a language include the risk of stocks`() async throws {
            let database = try LedgerDatabase.shared
            let (english, chinese) = try await database.store.ask(
                Articles(language: "en"), Articles(language: "zh"), as: database.customer("C-1002"))
            #expect(english.map(\.topic) == chinese.map(\.topic) && english.count >= 40)
            let article = try #require(chinese.first { $0.topic == "stock-risk" })
            #expect(article.title == "股票投资的风险" && article.keywords.contains("股票") && article.body.contains("损失"))
        }
    }
}
