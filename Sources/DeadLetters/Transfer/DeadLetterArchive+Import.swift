public import Foundation
import Postgres
import TellerMessages

/// What became of the lines of an import.
public struct DeadLetterImportCount: Sendable, Hashable {
    /// They are kept now.
    public internal(set) var kept = 0
    /// They were there, with the same message.
    public internal(set) var known = 0
    /// Their ids are those of other messages; nothing was changed.
    public internal(set) var conflicts = 0

    public init() {}
}

extension DeadLetterArchive {
    /// Takes exported dead letters back, in one transaction with their audit entries. Repeating it changes nothing.
    public func `import`(_ documents: [DeadLetterDocument], operation: UUID) async throws -> DeadLetterImportCount {
        var count = DeadLetterImportCount()
        for rows in try await self.database.transaction(documents.map { try $0.importing(operation) }) {
            switch try rows.first?.decode("outcome", as: String.self) {
            case "kept": count.kept += 1
            case "known": count.known += 1
            default: count.conflicts += 1
            }
        }
        return count
    }

    /// Writes the audit entry of an import as a whole.
    public func auditImport(_ operation: UUID, of file: String) async throws {
        try await self.audit(operation, "import", ["file": .string(file)])
    }
}

extension DeadLetterDocument {
    fileprivate func importing(_ operation: UUID) throws(Malformed) -> PostgresQuery {
        func number(_ name: String) throws(Malformed) -> Int64 {
            guard let number = self.columns[name]?.integer else { throw Malformed(member: name) }
            return Int64(number)
        }
        func text(_ name: String) -> String? { self.columns[name]?.string }
        guard let problem = self.columns["problem"] else { throw Malformed(member: "problem") }
        let attempts = Int32(clamping: try number("attempts"))
        let (first, last) = (try number("first_failed_microseconds"), try number("last_failed_microseconds"))
        return """
            SELECT teller.import_failure(\(operation), \(self.id), \(text("request_id")), \(text("customer_id")), \(text("failure_class")),
                \(text("fingerprint")), \(PostgresJSON(problem.text)), \(attempts),
                timestamptz 'epoch' + \(first) * interval '1 microsecond', timestamptz 'epoch' + \(last) * interval '1 microsecond',
                \(self.message.queue), \(self.message.exchange), \(self.message.routingKey), \(PostgresJSON(self.message.properties.text)),
                \(PostgresJSON(self.message.withheld.text)), \(self.message.body), \(text("conversation_id")), \(text("schema_version")),
                \(text("model")), \(text("source")), \(text("broker_reason")), \(text("state")), \(text("discard_reason"))) AS outcome
            """
    }
}

extension DeadLetterImportCount {
    public static func += (left: inout DeadLetterImportCount, right: DeadLetterImportCount) {
        left.kept += right.kept
        left.known += right.known
        left.conflicts += right.conflicts
    }
}
