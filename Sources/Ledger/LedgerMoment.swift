public import Foundation
import Postgres

/// The moment whose ledger is read: today's rows, or what had been booked by an instant.
///
/// The ledger keeps movements and no earlier balances, so a balance of the past is reckoned back: today's, less what was
/// posted since. The same goes for what is available, with today's holds. A movement that was posted late, under an earlier
/// instant, is seen; names, limits and articles are today's.
public enum LedgerMoment: Sendable, Hashable {
    case latest
    case asOf(Date)
}

extension LedgerMoment {
    /// What to read in place of `ledger.transactions`.
    var transactions: PostgresQuery {
        switch self {
        case .latest: "ledger.transactions"
        case .asOf(let instant): "(SELECT * FROM ledger.transactions WHERE posted_at <= \(instant))"
        }
    }

    /// What to read in place of `ledger.accounts`.
    var accounts: PostgresQuery {
        switch self {
        case .latest: "ledger.accounts"
        case .asOf(let instant):
            // A balance holds what was posted up to its own instant. A day has begun when it has begun anywhere on earth.
            """
            (SELECT a.account_id, a.kind, a.name, a.last_digits, a.currency, a.balance - later.sum AS balance,
                a.available - later.sum AS available, a.credit_limit, least(a.as_of, \(instant)) AS as_of
            FROM ledger.accounts AS a
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(t.amount), 0) AS sum FROM ledger.transactions AS t
                WHERE t.account_id = a.account_id AND t.currency = a.currency
                    AND t.posted_at > \(instant) AND t.posted_at <= a.as_of
            ) AS later
            WHERE a.opened_on <= ((\(instant) AT TIME ZONE 'UTC') + interval '14 hours')::date)
            """
        }
    }
}
