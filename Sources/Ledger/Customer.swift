public import Foundation
public import Postgres

/// A customer whose identity has been verified, with a ticket that proves it to the database for one request.
///
/// Every read of a customer's data takes one; there is no other way to name whose rows are meant. The ticket is an
/// HMAC-SHA256 under the ticket key over this message, which the function `teller.login` builds from its arguments too
/// (Schemas/sql/teller/m0001_roles_and_identity.sql):
///
///     "teller-ticket-v1"                                    16 bytes of ASCII
///     length of customer in UTF-8 bytes, then those bytes   4 bytes big-endian, then the text
///     length of request in UTF-8 bytes, then those bytes    4 bytes big-endian, then the text
///     expiry, microseconds since 1970-01-01T00:00:00Z       8 bytes big-endian
///
/// The lengths make it unambiguous: no two tickets share a message.
public struct Customer: Sendable {
    public let id: String
    /// The request that the ticket was made for.
    public let requestID: String
    /// When the database stops taking the ticket, in whole seconds.
    public let expires: Date
    let mac: [UInt8]

    /// Signs a ticket for a customer that the caller has just authenticated.
    ///
    /// - Parameter expires: The request's deadline. A fraction of a second is dropped: both sides hash the same instant.
    public init(verified id: String, request: String, expires: Date, key: TicketKey) {
        let seconds = expires.timeIntervalSince1970.rounded(.down)
        self.id = id
        self.requestID = request
        self.expires = Date(timeIntervalSince1970: seconds)
        self.mac = key.authenticationCode(
            for: Self.message(customer: id, request: request, microseconds: Int64(seconds) * 1_000_000))
    }

    /// Binds the customer to the transaction that runs it, in which it has to come before anything is written.
    ///
    /// A ticket that the database does not accept fails with SQLSTATE 28000.
    public var login: PostgresQuery {
        "SELECT teller.login(\(self.id), \(self.requestID), \(self.expires), \(self.mac))"
    }

    static func message(customer: String, request: String, microseconds: Int64) -> [UInt8] {
        var message = Array("teller-ticket-v1".utf8)
        for text in [customer, request] {
            message += bigEndian(UInt32(text.utf8.count))
            message += text.utf8
        }
        return message + bigEndian(UInt64(bitPattern: microseconds))
    }
}

private func bigEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    stride(from: Value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> Value($0)) }
}
