import AMQP
import Foundation
import TellerMessages

/// Establishes which customer a request speaks for. What the request says about itself is never enough.
protocol Authenticator: Sendable {
    /// The customer whom the request's credentials prove.
    ///
    /// - Parameter message: The message that the request was read from.
    func customer(of request: ChatRequest, from message: AMQPMessage) async throws(AuthenticationError) -> VerifiedCustomer
}

/// A customer whom an ``Authenticator`` has proven.
struct VerifiedCustomer: Sendable, Hashable {
    let id: String
    /// Whether the proof was good once and has since run out: enough to finish what was begun, not to begin.
    let hasExpired: Bool
    /// The SHA-256, in hexadecimal digits, of the body that the proof was issued for, where that is not this message's: enough
    /// only for a copy that an operator edited, which the journal knows.
    var otherBody: String?
}

/// Why a request does not prove who is asking. It names no customer.
struct AuthenticationError: Error, Hashable, CustomStringConvertible {
    enum Reason: String, Sendable {
        case missingToken = "missing_token"
        case malformedToken = "malformed_token"
        case algorithmRefused = "algorithm_refused"
        case unknownKey = "unknown_key"
        case badSignature = "bad_signature"
        case notYetValid = "not_yet_valid"
        case expired = "expired"
        case wrongAudience = "wrong_audience"
        case wrongIssuer = "wrong_issuer"
        case otherBody = "other_body"
        case otherCustomer = "other_customer"
        case untrustedUser = "untrusted_user"
    }

    let reason: Reason

    init(_ reason: Reason) { self.reason = reason }

    var description: String {
        switch self.reason {
        case .missingToken: "the header authorization holds no bearer token"
        case .malformedToken: "the token is not a JWT that Teller can read"
        case .algorithmRefused: "the token's algorithm, or a parameter of its header, is not accepted"
        case .unknownKey: "the token names a key that is not in the key set"
        case .badSignature: "the token's signature does not hold"
        case .notYetValid: "the token is not valid yet; compare the clocks"
        case .expired: "the token has expired; ask again with a new one"
        case .wrongAudience: "the token was issued for another audience"
        case .wrongIssuer: "the token comes from another issuer"
        case .otherBody: "the token was issued for another body"
        case .otherCustomer: "the token was issued for another customer than the body names"
        case .untrustedUser: "the broker login that published the request is not on the list of trusted users"
        }
    }
}

/// Believes the systems that the broker lets publish requests.
struct BrokerAuthenticator: Authenticator {
    /// Logins that may ask; empty for all that the broker admits.
    let trustedUsers: Set<String>

    func customer(
        of request: ChatRequest, from message: AMQPMessage
    ) async throws(AuthenticationError) -> VerifiedCustomer {
        if !self.trustedUsers.isEmpty {
            guard let user = message.properties.userID, self.trustedUsers.contains(user) else {
                throw AuthenticationError(.untrustedUser)
            }
        }
        return VerifiedCustomer(id: request.body.customerID, hasExpired: false)
    }
}
