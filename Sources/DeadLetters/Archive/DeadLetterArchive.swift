import Foundation
import Postgres

/// The dead letters that PostgreSQL keeps, as an operator sees them: everything but the customer's words and credentials.
public struct DeadLetterArchive: Sendable {
    let database: OperatorDatabase

    public init(database: OperatorDatabase) {
        self.database = database
    }

    /// Dead letters of the selection, the latest first.
    ///
    /// - Parameters:
    ///   - cursor: Where the page begins: after this place.
    ///   - limit: How many at most.
    public func list(
        _ selection: DeadLetterSelection, after cursor: DeadLetterCursor? = nil, limit: Int = 50
    ) async throws -> [DeadLetterRecord] {
        let place = cursor?.condition ?? "true"
        return try await self.database.query(
            """
            SELECT \(DeadLetterRecord.columns) FROM teller.failures WHERE \(selection.condition) AND \(place)
            ORDER BY last_failed_at DESC, failure_id DESC LIMIT \(limit)
            """
        ).map(DeadLetterRecord.init)
    }

    /// The dead letter with this id, or those of the request with it, whatever their state.
    public func show(_ id: String) async throws -> [DeadLetterRecord] {
        try await self.database.query(
            """
            SELECT \(DeadLetterRecord.columns) FROM teller.failures WHERE failure_id = \(UUID(uuidString: id)) OR request_id = \(id)
            ORDER BY last_failed_at DESC, failure_id DESC
            """
        ).map(DeadLetterRecord.init)
    }
}
