import AMQP
import DeadLetters
import Foundation
import Postgres
import TellerMessages

/// Dead letters in a database that nothing else uses, as workers and operators see them.
struct DeadLettersDatabase {
    let ledger: LedgerDatabase
    let archive: DeadLetterArchive
    let chain: AuditChain
    let operators: OperatorDatabase

    /// Runs the body with such a database.
    static func with(_ body: @Sendable (DeadLettersDatabase) async throws -> Void) async throws {
        try await withLedgerDatabase { ledger in
            let operators = OperatorDatabase(postgres: ledger.owner, person: "ann@desk")
            // The server's administrator is no operator by itself.
            try await ledger.owner.query("GRANT teller_operator TO CURRENT_USER")
            try await body(
                DeadLettersDatabase(
                    ledger: ledger, archive: DeadLetterArchive(database: operators), chain: AuditChain(database: operators),
                    operators: operators))
        }
    }

    /// Keeps a dead letter as a worker does, and gives it a time.
    @discardableResult
    func bury(
        _ message: AMQPMessage = AMQPMessage(body: Array(#"{"conversation_id":"talk","question":"secret words"}"#.utf8)),
        exchange: String = "teller.requests", routingKey: String = "banking.x", queue: String = "teller.requests.banking",
        request: String? = nil, customer: String? = nil, failureClass: String = "poison", fingerprint: String = "00000000000000aa",
        at time: Date = Date()
    ) async throws -> UUID {
        let id = UUID()
        let columns = StoredMessage(queue: queue, exchange: exchange, routingKey: routingKey, message: message).columns
        let problem = PostgresJSON(#"{"type":"urn:p","title":"Broken","status":400,"class":"\#(failureClass)"}"#)
        try await self.ledger.worker.query(
            """
            SELECT teller.bury(\(id), \(request), \(customer), \(failureClass), \(fingerprint), \(problem), 1, \(time), \(columns.queue),
                \(columns.exchange), \(columns.routingKey), \(PostgresJSON(columns.properties.text)), \(columns.body),
                \(PostgresJSON(columns.withheld.text)))
            """)
        try await self.ledger.owner.transaction([
            "SET LOCAL ROLE teller_owner", "UPDATE teller.failures SET last_failed_at = \(time) WHERE failure_id = \(id)",
        ])
        return id
    }

    /// The whole message, as a replay takes it.
    func take(_ id: UUID) async throws -> StoredMessage {
        let rows = try await self.operators.query("SELECT * FROM teller.take_message(\(id), 'replay', \(UUID()))")
        return try StoredMessage(try StoredMessage.Columns(rows[0]))
    }
}
