public import Foundation
import AMQP
import Postgres
public import TellerMessages

/// Edits messages of a plan before they are sent. The original stays with its dead letter, and every edit is kept.
public struct ReplayEditor: Sendable {
    private let store: ReplayStore

    public init(store: ReplayStore) {
        self.store = store
    }

    /// Applies a patch to the body that the plan would send for a message, and keeps the result in its place when it is a request
    /// that a worker can read.
    ///
    /// - Returns: The number of the edit, from 1.
    /// - Throws: ``ReplayError/invalidEdit(_:)`` when the patch does not fit or the result breaks the request's schema; nothing
    ///   has changed then.
    public func edit(_ failure: UUID, in plan: UUID, with patch: JSONPatch, reason: String) async throws -> Int {
        let operation = UUID()
        let rows = try await self.store.database.query(
            "SELECT * FROM teller.planned_message(\(plan), \(failure), 'replay.read', \(operation))")
        guard let row = rows.first else { throw ReplayError.noSuchMessage(failure) }
        let (request, body) = try Self.request(try StoredMessage.Columns(row), edited: patch)
        return try await self.store.reporting {
            try await self.store.database.query(
                """
                SELECT teller.edit_replay(\(plan), \(failure), \(request), \(PostgresJSON(patch.json.text)), \(body), \(reason), \(operation)) AS number
                """)
        }.first?.decode("number") ?? 0
    }

    /// The request's id and the edited body, held against everything that a worker demands of a request.
    private static func request(
        _ columns: StoredMessage.Columns, edited patch: JSONPatch
    ) throws(ReplayError) -> (id: String, body: [UInt8]) {
        do {
            var message = try StoredMessage(columns).message
            let document = try JSONValue(parsing: message.body)
            message.body = try patch.applied(to: document).serialized
            return (try ChatRequest(decoding: message).id, message.body)
        } catch let error as JSONSyntaxError {
            throw .invalidEdit("the message's body is not JSON, so a patch cannot be applied to it (\(error))")
        } catch {
            throw .invalidEdit("\(error)")
        }
    }
}
