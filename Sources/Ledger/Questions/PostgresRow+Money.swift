import Finance
import Foundation
import Postgres

extension PostgresRow {
    /// The amount in one column, in the currency of the column `currency`; `nil` for NULL.
    func moneyIfPresent(_ column: String) throws -> Money? {
        guard let amount: Decimal = try self.decode(column) else { return nil }
        guard let currency = Currency(code: try self.decode("currency")) else {
            throw LedgerError(.unreadableRow, "the column currency holds no ISO 4217 code: correct the bank's mapping")
        }
        return Money(amount, currency)
    }

    func money(_ column: String) throws -> Money {
        guard let money = try self.moneyIfPresent(column) else {
            throw LedgerError(.unreadableRow, "the column \(column) is NULL: correct the bank's mapping")
        }
        return money
    }
}
