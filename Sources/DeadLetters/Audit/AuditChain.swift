public import Foundation
import Postgres
import TellerMessages

/// The operators' audit chain.
public struct AuditChain: Sendable {
    /// What checking the chain found.
    public struct Verification: Sendable, Hashable {
        /// Entries that are whole and in their places.
        public let count: Int64
        /// The last of them; `nil` when there is none.
        public let head: AuditHead?
        /// The first thing that is wrong; `nil` when nothing is.
        public let fault: AuditFault?
    }

    private let database: OperatorDatabase

    public init(database: OperatorDatabase) {
        self.database = database
    }

    /// Entries, the latest first; of one operation, or about one dead letter, where that is given.
    public func list(operation: UUID? = nil, failure: UUID? = nil, limit: Int = 50) async throws -> [AuditEntry] {
        let ofOperation: PostgresQuery = operation.map { "operation = \($0)" } ?? "true"
        let ofFailure: PostgresQuery = failure.map { "failure_id = \($0)" } ?? "true"
        return try await self.database.query(
            """
            SELECT \(AuditEntry.columns) FROM teller.audit WHERE chain = 'operators' AND \(ofOperation) AND \(ofFailure)
            ORDER BY chain_position DESC LIMIT \(limit)
            """
        ).map(AuditEntry.init)
    }

    /// Computes every hash anew, here and not in the database, and looks for the first fault.
    ///
    /// - Parameter anchor: A head that was written down earlier. Without one, what was cut off at the end cannot be seen.
    public func verify(against anchor: AuditHead? = nil) async throws -> Verification {
        var check = AuditCheck(anchor: anchor)
        while check.fault == nil {
            let page = try await self.database.query(
                """
                SELECT \(AuditEntry.columns) FROM teller.audit WHERE chain = 'operators' AND chain_position > \(check.count)
                ORDER BY chain_position LIMIT 2000
                """
            ).map(AuditEntry.init)
            if page.isEmpty { break }
            for entry in page where check.fault == nil { check.take(entry) }
        }
        check.finish()
        return Verification(count: check.count, head: check.head, fault: check.fault)
    }
}
