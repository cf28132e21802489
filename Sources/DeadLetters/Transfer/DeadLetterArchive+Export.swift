public import Foundation
public import Postgres
public import TellerMessages

extension DeadLetterArchive {
    /// Hands out the dead letters of a selection, whole, the latest first; each leaves an entry in the audit chain.
    ///
    /// One page at a time is in memory, however many there are.
    ///
    /// - Parameter write: Called with each.
    /// - Returns: How many there were, and the operation's id in the audit chain.
    public func export(
        _ selection: DeadLetterSelection, write: (DeadLetterDocument) throws -> Void
    ) async throws -> (count: Int, operation: UUID) {
        let operation = UUID()
        try await self.audit(operation, "export", ["selection": selection.json])
        var count = 0
        var cursor: DeadLetterCursor?
        while true {
            let places = try await self.places(of: selection, after: cursor, limit: 100)
            guard let last = places.last else { break }
            for document in try await self.documents(places.map(\.id), operation) {
                try write(document)
                count += 1
            }
            cursor = last
        }
        try await self.audit(operation, "export end", ["count": .integer(count)])
        return (count, operation)
    }

    private func documents(_ ids: [UUID], _ operation: UUID) async throws -> [DeadLetterDocument] {
        let results = try await self.database.transaction([
            """
            SELECT failure_id, jsonb_strip_nulls(jsonb_build_object('request_id', request_id, 'customer_id', customer_id,
                'conversation_id', conversation_id, 'failure_class', failure_class, 'fingerprint', fingerprint, 'attempts', attempts,
                'first_failed_microseconds', (extract(epoch FROM first_failed_at) * 1000000)::bigint,
                'last_failed_microseconds', (extract(epoch FROM last_failed_at) * 1000000)::bigint, 'state', state,
                'discard_reason', discard_reason, 'source', source, 'broker_reason', broker_reason,
                'schema_version', schema_version, 'model', model)) || jsonb_build_object('problem', problem) AS columns
            FROM teller.failures WHERE failure_id = ANY (\(ids))
            """,
            """
            SELECT failure_id, queue, exchange, routing_key, properties, withheld, body
            FROM teller.take_messages(\(ids), 'export', \(operation))
            """,
        ])
        var columns: [UUID: JSONObject] = [:]
        for row in results[0] {
            columns[try row.decode("failure_id")] = try JSONValue(kept: try row.decode("columns")).object
        }
        return try results[1].compactMap { row in
            let id = try row.decode("failure_id", as: UUID.self)
            return try columns[id].map { DeadLetterDocument(id: id, columns: $0, message: try StoredMessage.Columns(row)) }
        }
    }
}

extension StoredMessage.Columns {
    /// Reads a row of `teller.take_messages`.
    public init(_ row: PostgresRow) throws {
        self.init(
            queue: try row.decode("queue"), exchange: try row.decode("exchange"), routingKey: try row.decode("routing_key"),
            properties: try JSONValue(kept: try row.decode("properties")), withheld: try JSONValue(kept: try row.decode("withheld")),
            body: try row.decode("body"))
    }
}
