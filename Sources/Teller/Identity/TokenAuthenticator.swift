import AMQP
import Crypto
import Foundation
import JWTKit
import TellerMessages

/// Verifies JSON Web Tokens (RFC 7519) against a set of public keys.
///
/// The header and the claims are read by the same strict parser as the body, since lenient parsers disagree about duplicate
/// names; the signature is checked by JWTKit. Only asymmetric algorithms are accepted, the key's type fixes which, and a header
/// that brings its own key (`jwk`, `jku`, `x5c`, `x5u`) or asks for more than we know (`crit`) is refused.
struct TokenAuthenticator: Authenticator {
    /// How far the issuer's clock may be from ours.
    static let leeway: TimeInterval = 30

    private let keys: KeySet
    private let audience: String
    private let issuer: String?
    private let now: @Sendable () -> Date

    init(keys: KeySet, audience: String, issuer: String?, now: @escaping @Sendable () -> Date = { Date() }) {
        self.keys = keys
        self.audience = audience
        self.issuer = issuer
        self.now = now
    }

    func customer(
        of request: ChatRequest, from message: AMQPMessage
    ) async throws(AuthenticationError) -> VerifiedCustomer {
        guard let token = request.token else { throw AuthenticationError(.missingToken) }
        let claims = try self.verifiedClaims(of: token)
        let hasExpired = try self.checkTimes(claims)
        guard self.audiences(claims).contains(self.audience) else { throw AuthenticationError(.wrongAudience) }
        if let issuer = self.issuer, claims["iss"]?.string != issuer { throw AuthenticationError(.wrongIssuer) }
        let otherBody = try self.otherBody(claims, message)
        guard let subject = claims["sub"]?.string else { throw AuthenticationError(.malformedToken) }
        // Byte for byte: Swift's `==` also takes texts for equal that look alike, such as K and the sign for kelvin.
        guard subject.utf8.elementsEqual(request.body.customerID.utf8) else { throw AuthenticationError(.otherCustomer) }
        return VerifiedCustomer(id: subject, hasExpired: hasExpired, otherBody: otherBody)
    }

    /// The digest in `req`, when it is not that of the message's body. Only a replayed message may be another than was signed for.
    private func otherBody(_ claims: JSONObject, _ message: AMQPMessage) throws(AuthenticationError) -> String? {
        guard let claim = claims["req"] else { return nil }
        guard let digest = claim.string?.lowercased() else { throw AuthenticationError(.otherBody) }
        if digest == SHA256.hash(data: message.body).hexadecimal { return nil }
        guard ReplayMark(message.properties.headers) != nil, digest.wholeMatch(of: /[0-9a-f]{64}/) != nil else {
            throw AuthenticationError(.otherBody)
        }
        return digest
    }

    private func verifiedClaims(of token: String) throws(AuthenticationError) -> JSONObject {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = Self.base64URL(parts[2])
        else { throw AuthenticationError(.malformedToken) }
        guard let algorithm = header["alg"]?.string, KeySet.algorithms.contains(algorithm),
            !["crit", "jwk", "jku", "x5c", "x5u", "b64"].contains(where: { header[$0] != nil })
        else { throw AuthenticationError(.algorithmRefused) }
        if let kid = header["kid"], kid.string == nil { throw AuthenticationError(.malformedToken) }
        let verifier = try self.keys.verifier(header["kid"]?.string, algorithm: algorithm)
        let signed = Array(token.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
        guard (try? verifier.verify(signature, signs: signed)) == true else { throw AuthenticationError(.badSignature) }
        return claims
    }

    /// Checks `exp` (required), `nbf` and `iat`, and says whether the token has expired.
    private func checkTimes(_ claims: JSONObject) throws(AuthenticationError) -> Bool {
        let now = self.now().timeIntervalSince1970
        guard let expiry = try Self.time(claims["exp"]) else { throw AuthenticationError(.malformedToken) }
        for name in ["nbf", "iat"] {
            if let time = try Self.time(claims[name]), time > now + Self.leeway { throw AuthenticationError(.notYetValid) }
        }
        return expiry + Self.leeway <= now
    }

    private static func time(_ value: JSONValue?) throws(AuthenticationError) -> TimeInterval? {
        guard let value else { return nil }
        guard case .number(let text) = value, let seconds = Double(text), seconds.isFinite, abs(seconds) < 1e12 else {
            throw AuthenticationError(.malformedToken)
        }
        return seconds
    }

    private func audiences(_ claims: JSONObject) -> [String] {
        switch claims["aud"] {
        case .string(let audience)?: [audience]
        case .array(let audiences)?: audiences.compactMap(\.string)
        default: []
        }
    }

    private static func object(_ part: Substring) -> JSONObject? {
        self.base64URL(part).flatMap { try? JSONValue(parsing: $0, maximumDepth: 8, maximumSize: 16_384) }?.object
    }

    /// Decodes base64url without padding (RFC 7515, section 2), and refuses text that is not its own canonical encoding.
    private static func base64URL(_ part: Substring) -> [UInt8]? {
        guard part.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=") }) else {
            return nil
        }
        let standard = String(part).replacing("-", with: "+").replacing("_", with: "/")
        let padded = standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded), data.base64EncodedString() == padded else { return nil }
        return Array(data)
    }
}
