import Foundation
import Postgres
import Testing

@testable import Ledger

extension LedgerOnServer {
    /// The database keeps one customer's rows from another's request, whatever the program does.
    @Suite struct IdentityTests {
        @Test func `a ticket made in Swift opens its customer's rows and no others`() async throws {
            let database = try LedgerDatabase.shared
            let (profile, accounts, transactions) = try await database.store.ask(
                Profile(), Accounts(), Transactions(TransactionFilter(), limit: 100), as: database.customer("A"))
            #expect(profile == Profile.Answer(name: "Ann", locale: "en-US", timeZone: "America/New_York"))
            #expect(accounts.map(\.id) == ["A-1"])
            #expect(transactions.count == 10 && transactions.allSatisfy { $0.accountID == "A-1" })
        }

        @Test func `ids of any script and shape sign to the same bytes on both sides`() async throws {
            let database = try LedgerDatabase.shared
            for (id, request) in [
                ("客户-1", "请求\u{1F600}"), ("a", ""), ("a:b|c", "'; --"), (String(repeating: "x", count: 128), "\u{E9}"),
            ] {
                let me = try await database.worker.transaction([
                    database.customer(id, request: request).login, "SELECT teller.me() AS me",
                ])
                #expect(try me[1][0].decode("me", as: String?.self) == id)
            }
        }

        @Test func `without a ticket there are no rows`() async throws {
            let database = try LedgerDatabase.shared
            for table in ["customers", "accounts", "transactions"] {
                #expect(try await database.worker.query("SELECT FROM ledger.\(identifier: table)").isEmpty)
            }
        }

        @Test func `the identity ends with its transaction, and its seal opens no other`() async throws {
            let database = try LedgerDatabase.shared
            try await database.worker.withTransaction { transaction in
                try await transaction.query(database.customer("A").login)
                // What injected SQL might do: keep the identity for the session.
                try await transaction.query(
                    "SELECT set_config('teller.identity', current_setting('teller.identity'), false)")
            }
            for write in [false, true] {
                try await database.worker.withTransaction { transaction in
                    if write { try await transaction.query("SELECT pg_current_xact_id()") }
                    #expect(try await transaction.query("SELECT FROM ledger.customers").isEmpty)
                }
            }
        }

        @Test func `a forged, transplanted, stale or incomplete ticket is refused`() async throws {
            let database = try LedgerDatabase.shared
            let stranger = TicketKey(bytes: Array(repeating: 7, count: 32))
            let genuine = database.customer("A", request: "req-1")
            // The genuine ticket's code, taken from the statement that carries it.
            let expires = genuine.expires
            let code = "SELECT sha256('not a code') AS mac" as PostgresQuery
            let mac: [UInt8] = try await database.owner.query(code)[0].decode("mac")
            let later = expires.addingTimeInterval(3600)
            let tickets: [(String, PostgresQuery)] = [
                ("signed by another key", database.customer("A", key: stranger).login),
                ("expired", database.customer("A", lifetime: -5).login),
                ("a made-up code", "SELECT teller.login('A', 'req-1', \(expires), \(mac))"),
                ("an empty code", "SELECT teller.login('A', 'req-1', \(expires), '')"),
                ("no code", "SELECT teller.login('A', 'req-1', \(expires), NULL)"),
                ("no customer", "SELECT teller.login(NULL, 'req-1', \(expires), \(mac))"),
                ("no end", "SELECT teller.login('A', 'req-1', 'infinity', \(mac))"),
                ("another customer's", database.ticket(of: genuine, customer: "B", request: "req-1", expires: expires)),
                ("another request's", database.ticket(of: genuine, customer: "A", request: "req-2", expires: expires)),
                ("a later end", database.ticket(of: genuine, customer: "A", request: "req-1", expires: later)),
            ]
            for (name, ticket) in tickets {
                #expect(await ledgerSQLState { try await database.worker.query(ticket) } == "28000", "\(name)")
            }
            let untouched = database.ticket(of: genuine, customer: "A", request: "req-1", expires: expires)
            #expect(await ledgerSQLState { try await database.worker.query(untouched) } == nil)
        }

        @Test func `a transaction takes one identity, through savepoints and a cleared setting too`() async throws {
            let database = try LedgerDatabase.shared
            let (ann, bo) = (database.customer("A"), database.customer("B"))
            let attempts: [[PostgresQuery]] = [
                [ann.login, bo.login],
                [ann.login, ann.login],
                ["SAVEPOINT one", ann.login, "ROLLBACK TO one", bo.login],
                [ann.login, "SELECT set_config('teller.identity', '', true)", bo.login],
                [ann.login, "RESET ALL", bo.login],
                ["SELECT pg_current_xact_id()", ann.login],
            ]
            for attempt in attempts {
                #expect(await ledgerSQLState { try await database.worker.transaction(attempt) } == "28000")
            }
        }

        @Test func `an earlier key stays good for its grace, and a short one is not installed`() async throws {
            try await withLedgerDatabase { database in
                let earlier = database.customer("A")
                let newKey = TicketKey(bytes: Array(repeating: 9, count: 40))
                try await database.owner.query(newKey.installation)
                try await database.worker.query(earlier.login)
                try await database.worker.query(database.customer("A", key: newKey).login)

                let newest: [UInt8] = Array(repeating: 3, count: 100)
                try await database.owner.query("SELECT teller.install_ticket_key(\(newest), interval '0')")
                #expect(await ledgerSQLState { try await database.worker.query(earlier.login) } == "28000")
                try await database.worker.query(database.customer("A", key: TicketKey(bytes: newest)).login)

                let short = TicketKey(bytes: Array(repeating: 1, count: 31))
                #expect(await ledgerSQLState { try await database.owner.query(short.installation) } == "22023")
            }
        }

        @Test func `a hundred requests at once never see one another's rows`() async throws {
            let database = try LedgerDatabase.shared
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let id = number.isMultiple(of: 2) ? "A" : "B"
                        let (accounts, transactions) = try await database.store.ask(
                            Accounts(), Transactions(TransactionFilter(), limit: 50),
                            as: database.customer(id, request: "req-\(number)"))
                        return accounts.map(\.id) == ["\(id)-1"] && transactions.count == 10
                            && transactions.allSatisfy { $0.accountID == "\(id)-1" }
                    }
                }
                for try await isOwn in group { #expect(isOwn) }
            }
        }
    }
}

extension LedgerDatabase {
    /// A genuine ticket's code beside other words than those it was made for.
    fileprivate func ticket(of genuine: Customer, customer: String, request: String, expires: Date) -> PostgresQuery {
        // The same statement, whose text takes the four values from a row.
        "SELECT teller.login(\(customer), \(request), \(expires), \(genuine.mac))"
    }
}
