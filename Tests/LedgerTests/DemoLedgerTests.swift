import Finance
import Foundation
import Testing

@testable import Ledger

@Suite struct DemoLedgerTests {
    /// 2026-11-25T12:00:00Z.
    private static let anchor = Date(timeIntervalSince1970: 1_795_608_000)
    private static let rows = DemoLedger(anchor: Self.anchor).rows

    private static func amount(_ text: String) throws -> Decimal { try #require(Decimal(exactly: text)) }

    @Test func `the same seed and anchor give the same rows`() {
        #expect(DemoLedger(anchor: Self.anchor).rows == Self.rows)
        #expect(DemoLedger(anchor: Self.anchor.addingTimeInterval(0.9)).rows == Self.rows)
    }

    @Test func `another seed gives other amounts`() {
        #expect(DemoLedger(seed: 7, anchor: Self.anchor).rows.transactions != Self.rows.transactions)
    }

    /// SplitMix64's first outputs for the seed 1234567, from the public reference implementation.
    @Test func `the generator is SplitMix64`() {
        var generator = SeededGenerator(seed: 1_234_567)
        #expect(
            (0..<3).map { _ in generator.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
    }

    @Test func `every account's opening balance and transactions add up to its balance`() throws {
        for customer in DemoCustomer.everybody {
            for (index, holding) in customer.holdings.enumerated() {
                let id = "A-\(customer.number)-\(index + 1)"
                var balance = Decimal(holding.openingCents) / 100
                for transaction in Self.rows.transactions where transaction.accountId == id {
                    balance += try Self.amount(transaction.amount)
                    #expect(try Self.amount(transaction.balanceAfter) == balance)
                }
                let account = try #require(Self.rows.accounts.first { $0.accountId == id })
                #expect(try Self.amount(account.balance) == balance)
                #expect(account.currency == holding.currency.code)
            }
        }
    }

    @Test func `nobody's checking account is overdrawn and no card exceeds its limit`() throws {
        let kinds = Dictionary(uniqueKeysWithValues: Self.rows.accounts.map { ($0.accountId, $0) })
        for transaction in Self.rows.transactions {
            let account = try #require(kinds[transaction.accountId])
            let balance = try Self.amount(transaction.balanceAfter)
            if account.kind == "checking" { #expect(balance >= 0) }
            if let limit = account.creditLimit { #expect(balance >= -(try Self.amount(limit))) }
        }
    }

    @Test func `nothing happens after the anchor, and ids follow time`() {
        for id in DemoLedger.customerIDs {
            let instants = Self.rows.transactions.filter { $0.customerId == id }.map(\.postedAt)
            #expect(instants == instants.sorted() && instants.allSatisfy { $0 <= Self.anchor })
        }
        #expect(Set(Self.rows.transactions.map(\.transactionId)).count == Self.rows.transactions.count)
    }

    @Test(arguments: [
        ("C-1001", ["Netflix", "Starbucks", "Spotify"]), ("C-1003", ["Netflix", "Starbucks"]),
        ("C-1007", ["Netflix", "Starbucks"]),
        ("C-1002", ["Netflix", "星巴克", "京东", "美团"]), ("C-1008", ["Netflix", "星巴克", "京东", "美团"]),
    ])
    func `each of the last eighteen months has purchases at the merchants that people ask about`(
        id: String, merchants: [String]
    ) throws {
        let customer = try #require(Self.rows.customers.first { $0.customerId == id })
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: customer.timeZone))
        let month = try #require(calendar.dateInterval(of: .month, for: Self.anchor))
        for back in 1...DemoLedger.months {
            let start = try #require(calendar.date(byAdding: .month, value: -back, to: month.start))
            let end = try #require(calendar.date(byAdding: .month, value: 1, to: start))
            for merchant in merchants {
                #expect(
                    Self.rows.transactions.contains {
                        $0.customerId == id && $0.merchant == merchant && $0.postedAt >= start && $0.postedAt < end
                    })
            }
        }
    }
}
