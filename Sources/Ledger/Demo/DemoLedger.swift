public import Foundation
public import Postgres

/// Made-up customers with eighteen months of plausible life, for demonstrations and tests.
///
/// The same seed and anchor give the same rows on every machine. The customers are `C-1001` to `C-1008`: odd numbers
/// speak English and bank in US dollars, even numbers Chinese and renminbi. Every month has purchases at Netflix and
/// Starbucks, and at 星巴克, 京东 and 美团 for those who speak Chinese.
public struct DemoLedger: Sendable {
    public static let customerIDs = DemoCustomer.everybody.map(\.id)
    /// Whole months before the anchor's own.
    public static let months = 18

    let rows: DemoRows

    /// - Parameter anchor: The instant at which the accounts stand; nothing happens after it. Taken in whole seconds.
    public init(seed: UInt64 = 2026, anchor: Date = Date()) {
        let anchor = Date(timeIntervalSince1970: anchor.timeIntervalSince1970.rounded(.down))
        var rows = DemoRows()
        for customer in DemoCustomer.everybody {
            DemoLife(customer, months: Self.months, anchor: anchor, seed: seed).write(to: &rows)
        }
        self.rows = rows
    }

    /// Puts the rows in place of the demonstration customers' earlier ones, and the articles beside any others.
    ///
    /// All or nothing. Needs the rights of `teller_owner`. Row security holds the owner too (FORCE), so it is lifted for the
    /// owner within the transaction, whose locks keep everybody else out until it is back.
    ///
    /// - Parameter articles: A JSON array of articles, with the names of the columns of `ledger.articles`.
    public func load(into client: PostgresClient, articles: String) async throws {
        let tables = ["customers", "accounts", "transactions"].map { "ledger.\($0)" }
        var statements: [PostgresQuery] = ["SET LOCAL ROLE teller_owner"]
        statements += tables.map { "ALTER TABLE \(unescaped: $0) NO FORCE ROW LEVEL SECURITY" }
        statements.append("DELETE FROM ledger.customers WHERE customer_id = ANY(\(Self.customerIDs))")
        statements.append(
            """
            INSERT INTO ledger.customers (customer_id, name, locale, time_zone, created_at)
            SELECT * FROM jsonb_to_recordset(\(try Self.json(self.rows.customers)))
                AS row (customer_id text, name text, locale text, time_zone text, created_at timestamptz)
            """)
        statements.append(
            """
            INSERT INTO ledger.accounts (account_id, customer_id, kind, name, last_digits, currency, balance, available,
                credit_limit, opened_on, as_of)
            SELECT * FROM jsonb_to_recordset(\(try Self.json(self.rows.accounts)))
                AS row (account_id text, customer_id text, kind text, name text, last_digits text, currency text,
                    balance numeric, available numeric, credit_limit numeric, opened_on date, as_of timestamptz)
            """)
        for start in stride(from: 0, to: self.rows.transactions.count, by: Self.batch) {
            let batch = Array(self.rows.transactions[start..<min(start + Self.batch, self.rows.transactions.count)])
            statements.append(
                """
                INSERT INTO ledger.transactions (transaction_id, customer_id, account_id, posted_at, amount, currency,
                    balance_after, merchant, description, category)
                SELECT * FROM jsonb_to_recordset(\(try Self.json(batch)))
                    AS row (transaction_id text, customer_id text, account_id text, posted_at timestamptz,
                        amount numeric, currency text, balance_after numeric, merchant text, description text, category text)
                """)
        }
        statements.append(
            """
            INSERT INTO ledger.articles (article_id, language, topic, title, body, keywords, updated_at)
            SELECT * FROM jsonb_to_recordset(\(PostgresJSON(articles)))
                AS row (article_id text, language text, topic text, title text, body text, keywords text[],
                    updated_at timestamptz)
            ON CONFLICT (topic, language) DO UPDATE SET title = excluded.title, body = excluded.body,
                keywords = excluded.keywords, updated_at = excluded.updated_at
            """)
        statements += tables.map { "ALTER TABLE \(unescaped: $0) FORCE ROW LEVEL SECURITY" }
        _ = try await client.transaction(statements)
    }

    /// Rows in one statement: a megabyte of JSON at most.
    private static let batch = 2000

    private static func json(_ rows: some Encodable) throws -> PostgresJSON {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        return PostgresJSON(String(decoding: try encoder.encode(rows), as: UTF8.self))
    }
}
