import Ledger
import Postgres
import Testing

extension LedgerOnServer {
    /// What the migrations leave behind.
    @Suite struct SchemaTests {
        @Test func `every table that has a customer forces row security and has a policy`() async throws {
            let database = try LedgerDatabase.shared
            let rows = try await database.owner.query(
                """
                SELECT c.oid::regclass::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS is_forced,
                    EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid) AS has_policy
                FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
                WHERE c.relnamespace IN ('ledger'::regnamespace, 'teller'::regnamespace) AND c.relkind IN ('r', 'p')
                    AND a.attname = 'customer_id'
                """)
            let names = try rows.map { try $0.decode("name", as: String.self) }
            #expect(
                Set(
                    [
                        "customers", "accounts", "transactions", "loans", "loan_applications", "positions", "orders",
                        "customer_finances",
                    ]
                    .map { "ledger.\($0)" }
                ).isSubset(of: names))
            for row in rows {
                let name: String = try row.decode("name")
                #expect(try row.decode("is_forced") && row.decode("has_policy"), "\(name)")
            }
        }

        @Test func `the owner sees nothing of the ledger's customers, with a ticket or without`() async throws {
            let database = try LedgerDatabase.shared
            for login in [[], [database.customer("A").login]] {
                let results = try await database.owner.transaction(
                    ["SET LOCAL ROLE teller_owner"] + login + [
                        "SELECT FROM ledger.accounts", "SELECT FROM ledger.customers",
                    ])
                #expect(results.suffix(2).allSatisfy { $0.isEmpty })
            }
        }

        @Test func `the roles are bound and own nothing, and PUBLIC may do nothing`() async throws {
            let database = try LedgerDatabase.shared
            let roles = try await database.owner.query(
                """
                SELECT rolname FROM pg_roles WHERE rolname IN ('teller_owner', 'teller_worker', 'teller_operator')
                    AND NOT (rolsuper OR rolbypassrls OR rolcanlogin OR rolcreaterole OR rolcreatedb)
                """)
            #expect(roles.count == 3)
            let owned = try await database.owner.query(
                """
                SELECT FROM pg_class WHERE relowner IN ('teller_worker'::regrole, 'teller_operator'::regrole)
                UNION ALL SELECT FROM pg_proc WHERE proowner IN ('teller_worker'::regrole, 'teller_operator'::regrole)
                """)
            #expect(owned.isEmpty)
            let open = try await database.owner.query(
                """
                SELECT p.oid::regprocedure::text FROM pg_proc AS p
                WHERE pronamespace IN ('teller'::regnamespace, 'ledger'::regnamespace)
                    AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0))
                UNION ALL SELECT nspname FROM pg_namespace
                WHERE nspname IN ('teller', 'ledger') AND EXISTS (SELECT FROM aclexplode(nspacl) WHERE grantee = 0)
                """)
            #expect(open.isEmpty)
        }

        @Test func `functions that run with their owner's rights fix their search path`() async throws {
            let database = try LedgerDatabase.shared
            let loose = try await database.owner.query(
                """
                SELECT oid::regprocedure::text FROM pg_proc
                WHERE pronamespace IN ('teller'::regnamespace, 'ledger'::regnamespace) AND prosecdef
                    AND coalesce(array_to_string(proconfig, ','), '') NOT LIKE '%search_path=pg_catalog, pg_temp%'
                """)
            #expect(loose.isEmpty)
        }

        @Test func `a row cannot point to another customer's account, currency or kind`() async throws {
            let database = try LedgerDatabase.shared
            try await database.owner.query(
                "INSERT INTO ledger.instruments VALUES ('I', 'I', 'M', 'i', 'i', 'stock', 'USD', 3, now())")
            let transaction = """
                INSERT INTO ledger.transactions
                    (transaction_id, customer_id, account_id, posted_at, amount, currency, description)
                """
            let position = """
                INSERT INTO ledger.positions
                    (customer_id, account_id, instrument_id, currency, quantity, cost, as_of)
                """
            let account = """
                INSERT INTO ledger.accounts
                    (account_id, customer_id, kind, name, last_digits, currency, balance, opened_on, as_of)
                """
            for statement in [
                "\(transaction) VALUES ('x', 'A', 'B-1', now(), 1, 'CNY', 'x')",
                "\(transaction) VALUES ('x', 'A', 'A-1', now(), 1, 'CNY', 'x')",
                "\(position) VALUES ('A', 'A-1', 'I', 'USD', 1, 1, now())",
                "\(account) VALUES ('x', 'nobody', 'checking', 'x', '0000', 'USD', 1, '2020-01-01', now())",
                "UPDATE ledger.accounts SET customer_id = 'B' WHERE account_id = 'A-1'",
            ] {
                #expect(
                    await ledgerSQLState { try await database.unbound([PostgresQuery(unsafe: statement)]) }
                        == "23503", "\(statement)")
            }
        }

        @Test func `a row outside the ledger's contract is refused`() async throws {
            let database = try LedgerDatabase.shared
            for (statement, state) in [
                ("UPDATE ledger.accounts SET kind = 'wallet'", "23514"),
                ("UPDATE ledger.accounts SET currency = 'usd'", "23514"),
                ("UPDATE ledger.accounts SET last_digits = '12345'", "23514"),
                ("UPDATE ledger.accounts SET kind = 'credit'", "23514"),
                ("UPDATE ledger.transactions SET amount = 0", "23514"),
                ("UPDATE ledger.transactions SET category = 'gambling'", "23514"),
                ("UPDATE ledger.transactions SET description = ''", "23514"),
                ("UPDATE ledger.accounts SET name = E'a\\nb'", "23514"),
                ("UPDATE ledger.customers SET time_zone = 'x; DROP'", "23514"),
                ("UPDATE ledger.accounts SET balance = NULL", "23502"),
                ("UPDATE ledger.accounts SET balance = 1e15", "22003"),
            ] {
                #expect(
                    await ledgerSQLState { try await database.unbound([PostgresQuery(unsafe: statement)]) } == state,
                    "\(statement)")
            }
        }

        @Test func `two databases of one cluster migrate at once, and again without effect`() async throws {
            try await withLedgerDatabase(migrate: false) { first in
                try await withLedgerDatabase(migrate: false) { second in
                    async let one = try ledgerMigrator().migrate(on: first.owner)
                    async let two = try ledgerMigrator().migrate(on: second.owner)
                    #expect(try await one == two)
                    #expect(try await ledgerMigrator().migrate(on: first.owner).isEmpty)
                }
            }
        }

        @Test func `a database owner who is no superuser can migrate and install a key`() async throws {
            try await withLedgerDatabase(migrate: false) { database in
                // The worker's login, made the database's owner for once.
                let name = String(
                    try PostgresConfiguration(url: database.workerURL).description.split(separator: "/").last ?? "")
                try await database.owner.query("ALTER ROLE \(identifier: name) CREATEROLE")
                try await database.owner.query("GRANT \(identifier: name) TO CURRENT_USER")
                try await database.owner.query("ALTER DATABASE \(identifier: name) OWNER TO \(identifier: name)")
                _ = try await ledgerMigrator().migrate(on: database.worker)
                try await database.worker.query(database.key.installation)
                try await DemoLedger().load(into: database.worker, articles: "[]")
                #expect(try await database.worker.query("SELECT FROM ledger.customers").isEmpty)
            }
        }

        @Test func `a role that row security does not bind is told apart`() async throws {
            let database = try LedgerDatabase.shared
            try await database.store.checkRole()
            let error = await #expect(throws: LedgerError.self) {
                try await LedgerStore(client: database.owner).checkRole()
            }
            #expect(error?.code == .unboundRole)
        }
    }
}
