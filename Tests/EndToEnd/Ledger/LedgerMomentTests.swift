import Finance
import Foundation
import Ledger
import Postgres
import Testing

extension LedgerOnServer {
    /// The ledger as it stood, against the balances that each transaction of the demonstration was followed by.
    @Suite struct MomentTests {
        /// A hundred days before the demonstration ends.
        private static let instant = SharedLedgerDatabase.anchor.addingTimeInterval(-100 * 86_400)

        @Test func `a balance of the past is the one that followed the last transaction by then`() async throws {
            let database = try LedgerDatabase.shared
            for customer in ["C-1001", "C-1002"] {
                let past = try await database.store.at(.asOf(Self.instant)).ask(Accounts(), as: database.customer(customer))
                let today = try await database.store.ask(Accounts(), as: database.customer(customer))
                #expect(past.count == today.count && past.map(\.balance) != today.map(\.balance))
                for account in past {
                    let rows = try await database.unbound([
                        """
                        SELECT balance_after FROM ledger.transactions
                        WHERE account_id = \(account.id) AND posted_at <= \(Self.instant)
                        ORDER BY posted_at DESC, transaction_id DESC LIMIT 1
                        """
                    ])[0]
                    #expect(account.asOf == Self.instant)
                    guard let row = rows.first else { continue }
                    #expect(try account.balance.amount == row.decode("balance_after", as: Decimal.self), "\(account.id)")
                }
            }
        }

        @Test func `what was posted later is left out of every question`() async throws {
            let database = try LedgerDatabase.shared
            let (listed, totals, categories) = try await database.store.at(.asOf(Self.instant)).ask(
                Transactions(TransactionFilter(), limit: 10_000), TransactionTotals(TransactionFilter()),
                SpendingByCategory(TransactionFilter()), as: database.customer("C-1001"))
            let known = try await database.store.ask(
                Transactions(TransactionFilter(), limit: 10_000), as: database.customer("C-1001"))
            #expect(listed == known.filter { $0.postedAt <= Self.instant } && listed.count < known.count)
            #expect(totals[0].count == listed.count && totals[0].sum.amount == listed.reduce(0) { $0 + $1.amount.amount })
            let spent = listed.filter { $0.amount.amount < 0 && $0.category != .transfer }.reduce(0) { $0 - $1.amount.amount }
            #expect(categories.reduce(0) { $0 + $1.spent.amount } == spent)
        }

        @Test func `at the end of the rows the past is today`() async throws {
            let database = try LedgerDatabase.shared
            let today = try await database.store.ask(Accounts(), as: database.customer("C-1001"))
            let past = try await database.store.at(.asOf(Date())).ask(Accounts(), as: database.customer("C-1001"))
            #expect(past == today)
            let before = try await database.store.at(.asOf(Date(timeIntervalSince1970: 0))).ask(
                Accounts(), as: database.customer("C-1001"))
            #expect(before.isEmpty)
        }
    }
}
