import Crypto
public import Foundation
import Postgres
public import TellerMessages

/// One entry of the operators' audit chain: who did what, and to which dead letter.
public struct AuditEntry: Sendable, Hashable {
    /// From 1, without gaps.
    public let position: Int64
    /// Microseconds since 1970-01-01T00:00:00Z.
    public let microseconds: Int64
    /// The login, and what the tool said of the person at it.
    public let actor: String
    public let action: String
    /// Groups the entries of one command.
    public let operation: String
    /// Empty where the entry is about the operation as a whole.
    public let failure: String
    /// JSON as PostgreSQL writes it.
    public let detail: String
    public let previousHash: [UInt8]
    public let hash: [UInt8]

    static let columns: PostgresQuery = """
        chain_position, (extract(epoch FROM at) * 1000000)::bigint AS microseconds, actor, action, operation::text AS operation_text,
        coalesce(failure_id::text, '') AS failure_text, detail::text AS detail_text, previous_hash, entry_hash
        """

    init(_ row: PostgresRow) throws {
        self.position = try row.decode("chain_position")
        self.microseconds = try row.decode("microseconds")
        self.actor = try row.decode("actor")
        self.action = try row.decode("action")
        self.operation = try row.decode("operation_text")
        self.failure = try row.decode("failure_text")
        self.detail = try row.decode("detail_text")
        self.previousHash = try row.decode("previous_hash")
        self.hash = try row.decode("entry_hash")
    }

    public var at: Date { Date(timeIntervalSince1970: Double(self.microseconds) / 1_000_000) }

    /// The hash that follows from the entry's fields; the format is that of `teller.audit_operation` in Schemas/sql/teller.
    var computedHash: [UInt8] {
        var hash = SHA256()
        hash.update(data: Array("teller-audit-v1".utf8))
        hash.update(data: self.previousHash)
        for number in [self.position, self.microseconds] { hash.update(data: Self.bigEndian(UInt64(bitPattern: number), 8)) }
        for text in [self.actor, self.action, self.operation, self.failure, self.detail] {
            hash.update(data: Self.bigEndian(UInt64(text.utf8.count), 4))
            hash.update(data: Array(text.utf8))
        }
        return Array(hash.finalize())
    }

    private static func bigEndian(_ value: UInt64, _ bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    public var json: JSONValue {
        [
            "position": .integer(self.position), "at": .string(self.at.rfc3339), "actor": .string(self.actor),
            "action": .string(self.action), "operation": .string(self.operation),
            "failure_id": self.failure.isEmpty ? .null : .string(self.failure),
            "detail": (try? JSONValue(parsing: Array(self.detail.utf8), maximumSize: 1 << 24)) ?? .null,
            "hash": .string(self.hash.hexadecimal),
        ]
    }
}
