import Ledger
import Postgres
import Testing

extension LedgerOnServer {
    /// What SQL that slipped into the worker's session can do: nothing beyond the customer who is logged in.
    @Suite struct InjectionTests {
        @Test func `a setting cannot make the session another customer`() async throws {
            let database = try LedgerDatabase.shared
            for injected in [
                "SELECT set_config('teller.identity', 'B', true)",
                "SELECT set_config('teller.identity', repeat('0', 64) || 'B', true)",
                "SELECT set_config('teller.identity', current_setting('teller.identity') || 'B', true)",
                "SELECT set_config('teller.identity', left(current_setting('teller.identity'), 64) || 'B', true)",
                "SET LOCAL teller.identity = 'B'",
                "SET LOCAL row_security = on",
                "SET LOCAL search_path = public, pg_temp",
                "RESET ALL",
            ] {
                let results = try await database.worker.transaction([
                    database.customer("A").login, PostgresQuery(unsafe: injected),
                    "SELECT customer_id FROM ledger.transactions",
                    "SELECT customer_id FROM ledger.accounts WHERE true OR customer_id = 'B'",
                    "SELECT customer_id FROM ledger.customers",
                ])
                for row in results[2...].joined() { #expect(try row.decode("customer_id") == "A", "\(injected)") }
            }
        }

        @Test func `the worker's role can neither write nor read beyond its questions`() async throws {
            let database = try LedgerDatabase.shared
            for statement in [
                "SELECT * FROM teller.ticket_keys", "SELECT * FROM teller.seal_key",
                "INSERT INTO teller.ticket_keys (key_id, inner_pad, outer_pad) VALUES ('x', '', '')",
                "UPDATE teller.seal_key SET inner_pad = outer_pad", "DELETE FROM teller.ticket_keys",
                "TRUNCATE teller.ticket_keys",
                "SELECT teller.seal('B', pg_current_xact_id())", "SELECT teller.install_ticket_key(sha256('x'))",
                "SELECT teller.hmac_pad('x', 54)", "SET ROLE teller_owner", "SET ROLE teller_operator",
                "ALTER TABLE ledger.accounts DISABLE ROW LEVEL SECURITY", "DROP POLICY own_rows ON ledger.accounts",
                "CREATE POLICY mine ON ledger.accounts USING (true)",
                "CREATE OR REPLACE FUNCTION teller.me() RETURNS text LANGUAGE sql AS $$ SELECT 'B' $$",
                "CREATE FUNCTION public.me() RETURNS text LANGUAGE sql AS $$ SELECT 'B' $$",
                "CREATE TABLE ledger.mine (a int)",
                "CREATE TEMPORARY TABLE mine (a int)", "CREATE SCHEMA mine", "SET SESSION AUTHORIZATION teller_owner",
                "COPY ledger.accounts TO PROGRAM 'cat'", "SELECT pg_read_file('postgresql.conf')",
                "INSERT INTO ledger.customers VALUES ('A2', 'x', 'en-US', 'UTC', now())",
                "UPDATE ledger.accounts SET balance = 0", "DELETE FROM ledger.transactions",
                "TRUNCATE ledger.transactions",
                "SELECT * FROM ledger.accounts FOR UPDATE", "SELECT * FROM ledger.loans",
                "SELECT * FROM ledger.customer_finances",
            ] {
                let state = await ledgerSQLState {
                    try await database.worker.transaction([
                        database.customer("A").login, PostgresQuery(unsafe: statement),
                    ])
                }
                #expect(state == "42501", "\(statement)")
            }
        }

        @Test func `row_security off is an error and not a way around`() async throws {
            let database = try LedgerDatabase.shared
            let state = await ledgerSQLState {
                try await database.worker.transaction([
                    database.customer("A").login, "SET LOCAL row_security = off", "SELECT * FROM ledger.accounts",
                ])
            }
            #expect(state == "42501")
        }

        @Test func `a question's transaction cannot write, whatever the role may`() async throws {
            try await withLedgerDatabase { database in
                struct Meddling: LedgerQuestion {
                    func statement(at moment: LedgerMoment) -> PostgresQuery { "UPDATE ledger.accounts SET balance = 0" }
                    func decode(_ rows: [PostgresRow]) -> Int { rows.count }
                }
                try await database.owner.query("GRANT UPDATE ON ledger.accounts TO teller_worker")
                let state = await ledgerSQLState {
                    _ = try await database.store.ask(Meddling(), as: database.customer("A"))
                }
                #expect(state == "25006")
            }
        }
    }
}
