public import Foundation
import Postgres
import TellerMessages

extension DeadLetterArchive {
    /// How many are looked at in one transaction.
    private static let batch = 500

    /// Takes the open dead letters of a selection out of sight, for a reason; nothing is deleted.
    ///
    /// Works through the selection in batches, each of which is a transaction with its audit entries: what was done before an
    /// interruption stays done.
    ///
    /// - Parameter progress: Called after each batch with the number so far.
    /// - Returns: How many were discarded, and the operation's id in the audit chain.
    public func discard(
        _ selection: DeadLetterSelection, reason: String, progress: (Int) -> Void = { _ in }
    ) async throws -> (count: Int, operation: UUID) {
        var selection = selection
        selection.states = [.open]
        let operation = UUID()
        let detail: JSONValue = ["reason": .string(reason), "selection": selection.json]
        try await self.audit(operation, "discard", detail)
        var count = 0
        var cursor: DeadLetterCursor?
        while true {
            let places = try await self.places(of: selection, after: cursor, limit: Self.batch)
            guard let last = places.last else { break }
            let discarded = try await self.database.query(
                "SELECT discarded FROM teller.discard(\(places.map(\.id)), \(reason), \(operation)) AS discarded")
            count += discarded.count
            cursor = last
            progress(count)
        }
        try await self.audit(operation, "discard end", ["count": .integer(count)])
        return (count, operation)
    }

    /// Where the dead letters of a selection stand in its listing.
    func places(
        of selection: DeadLetterSelection, after cursor: DeadLetterCursor?, limit: Int
    ) async throws -> [DeadLetterCursor] {
        try await self.database.query(
            """
            SELECT failure_id, (extract(epoch FROM last_failed_at) * 1000000)::bigint AS microseconds FROM teller.failures
            WHERE \(selection.condition) AND \(cursor?.condition ?? "true") ORDER BY last_failed_at DESC, failure_id DESC LIMIT \(limit)
            """
        ).map { DeadLetterCursor(microseconds: try $0.decode("microseconds"), id: try $0.decode("failure_id")) }
    }

    /// Writes an entry about an operation as a whole.
    func audit(_ operation: UUID, _ action: String, _ detail: JSONValue) async throws {
        _ = try await self.database.query(
            "SELECT teller.audit_operation(\(operation), \(action), NULL, \(PostgresJSON(detail.text)))")
    }
}
