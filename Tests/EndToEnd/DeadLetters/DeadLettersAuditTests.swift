import DeadLetters
import Foundation
import Ledger
import Postgres
import Testing

/// The operators' audit chain, and those who would change it.
struct DeadLettersAuditTests {
    /// What somebody with the owner's rights may do to the table, and what the check says.
    struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
        let fault: AuditFault
    }

    private static let tamperings = [
        Tampering(
            testDescription: "a changed detail", sql: #"UPDATE teller.audit SET detail = '{"reason": "other"}' WHERE chain_position = 4"#,
            fault: .edited(4)),
        Tampering(testDescription: "a changed actor", sql: "UPDATE teller.audit SET actor = 'eve' WHERE chain_position = 1", fault: .edited(1)),
        Tampering(
            testDescription: "a changed time", sql: "UPDATE teller.audit SET at = at + interval '1 microsecond' WHERE chain_position = 9",
            fault: .edited(9)),
        Tampering(testDescription: "a deleted entry", sql: "DELETE FROM teller.audit WHERE chain_position = 3", fault: .missing(3)),
        Tampering(
            testDescription: "the middle cut out", sql: "DELETE FROM teller.audit WHERE chain_position BETWEEN 3 AND 6", fault: .missing(3)),
        Tampering(
            testDescription: "the middle cut out and the rest moved up",
            sql: "DELETE FROM teller.audit WHERE chain_position = 3; UPDATE teller.audit SET chain_position = chain_position + 99 WHERE chain_position > 3; UPDATE teller.audit SET chain_position = chain_position - 100 WHERE chain_position > 100",
            fault: .edited(3)),
        Tampering(
            testDescription: "two entries exchanged",
            sql: "UPDATE teller.audit SET chain_position = 99 WHERE chain_position = 5; UPDATE teller.audit SET chain_position = 5 WHERE chain_position = 6; UPDATE teller.audit SET chain_position = 6 WHERE chain_position = 99",
            fault: .edited(5)),
        Tampering(testDescription: "the end cut off", sql: "DELETE FROM teller.audit WHERE chain_position > 7", fault: .headDiffers(12)),
        Tampering(
            testDescription: "the end written anew",
            sql: "DELETE FROM teller.audit WHERE chain_position = 12; SELECT teller.audit_operation(gen_random_uuid(), 'innocent', NULL, '{}')",
            fault: .headDiffers(12)),
    ]

    @Test(.timeLimit(.minutes(2)), arguments: Self.tamperings) func `what was done to the record shows`(_ tampering: Tampering) async throws {
        try await DeadLettersDatabase.with { database in
            for number in 1...12 {
                _ = try await database.operators.query(
                    "SELECT teller.audit_operation(\(UUID()), 'test', \(UUID()), \(PostgresJSON(#"{"reason": "because", "n": \#(number)}"#)))")
            }
            let whole = try await database.chain.verify()
            #expect(whole.fault == nil && whole.count == 12)
            let head = try #require(whole.head.flatMap { AuditHead("\($0)") })
            #expect(try await database.chain.verify(against: head).fault == nil)

            let statements = tampering.sql.split(separator: ";").map { PostgresQuery(unsafe: String($0)) }
            try await database.ledger.owner.transaction(["SET LOCAL ROLE teller_owner"] + statements)
            #expect(try await database.chain.verify(against: head).fault == tampering.fault)
        }
    }

    @Test(.timeLimit(.minutes(2))) func `operations at the same time make one chain, and nobody adds to it but by the function`() async throws {
        try await DeadLettersDatabase.with { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        _ = try await database.operators.query(
                            "SELECT teller.audit_operation(\(UUID()), 'test', NULL, \(PostgresJSON(#"{"n": \#(number)}"#)))")
                    }
                }
                try await group.waitForAll()
            }
            let verified = try await database.chain.verify()
            #expect(verified.fault == nil && verified.count == 40)
            let insert: PostgresQuery = """
                INSERT INTO teller.audit (action, customer_id, chain, chain_position, actor, operation, previous_hash, entry_hash)
                VALUES ('forged', 'A', 'operators', 41, 'eve', gen_random_uuid(), sha256(''), sha256(''))
                """
            #expect(await ledgerSQLState { _ = try await database.operators.query(insert) } == "42501")
            let customer = database.ledger.customer("A")
            #expect(await ledgerSQLState { _ = try await database.ledger.worker.transaction([customer.login, insert]) } == "42501")
        }
    }
}
