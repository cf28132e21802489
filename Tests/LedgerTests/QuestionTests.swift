import Foundation
import Ledger
import Postgres
import Testing

@Suite struct QuestionTests {
    private static let everything = TransactionFilter(
        accountID: "A'1", accountKind: .checking, merchant: "Net'flix", category: .dining, text: "sub", minimum: 5,
        maximum: 15, period: DateInterval(start: .distantPast, end: .distantFuture), direction: .debit)

    @Test func `a filter binds every value and splices none`() {
        let sql = Transactions(Self.everything, limit: 5).statement(at: .latest).sql
        #expect(!sql.contains("'1") && !sql.contains("flix") && !sql.contains("sub"))
        #expect(sql.contains("$10"))
    }

    @Test func `an empty filter restricts nothing`() {
        #expect(Transactions(TransactionFilter(), limit: 5).statement(at: .latest).sql.contains("WHERE true"))
    }

    @Test func `no question names a customer`() {
        let statements = [LedgerMoment.latest, .asOf(Date())].flatMap { moment in [
            Profile().statement(at: moment), Accounts(kind: .credit, id: "A").statement(at: moment),
            Transactions(Self.everything, limit: 1).statement(at: moment),
            TransactionTotals(Self.everything).statement(at: moment), SpendingByCategory(Self.everything).statement(at: moment),
            Articles(language: "zh").statement(at: moment),
        ] }
        #expect(statements.allSatisfy { !$0.sql.contains("customer_id") })
    }

    @Test func `spending leaves transfers out unless they are asked for`() {
        #expect(SpendingByCategory(TransactionFilter()).statement(at: .latest).sql.contains("'transfer'"))
        #expect(!SpendingByCategory(TransactionFilter(category: .transfer)).statement(at: .latest).sql.contains("'transfer'"))
    }
}
