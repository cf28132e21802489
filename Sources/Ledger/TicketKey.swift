import Crypto
import Foundation
public import Postgres

/// The secret that customers' tickets are signed with, shared with the database.
public struct TicketKey: Sendable {
    private let bytes: [UInt8]

    /// - Parameter bytes: At least 32 random bytes; the database refuses to install fewer.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads a key file: 64 or more hexadecimal digits on one line, as `openssl rand -hex 32` writes them.
    public init(contentsOfFile path: String) throws(LedgerError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LedgerError(
                .ticketKey, "cannot read the ticket key file \(path): check that it exists and its permissions")
        }
        let digits = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let bytes = [UInt8](hexadecimal: digits), bytes.count >= 32 else {
            throw LedgerError(
                .ticketKey,
                "\(path) holds no ticket key of at least 64 hexadecimal digits: make one with `openssl rand -hex 32`"
            )
        }
        self.init(bytes: bytes)
    }

    /// Makes this the database's ticket key, as its owner; earlier keys stay valid for an hour.
    ///
    /// Safe to repeat. The statement returns one row with the column `key_id`.
    public var installation: PostgresQuery {
        "SELECT teller.install_ticket_key(\(self.bytes)) AS key_id"
    }

    /// HMAC-SHA256 (RFC 2104) of a message.
    func authenticationCode(for message: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: self.bytes)))
    }
}

extension TicketKey: CustomStringConvertible, CustomReflectable {
    /// Never the secret.
    public var description: String { "TicketKey" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension [UInt8] {
    fileprivate init?(hexadecimal digits: String) {
        guard digits.utf8.count.isMultiple(of: 2) else { return nil }
        let values = digits.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard values.count == digits.utf8.count else { return nil }
        self = stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }
}
