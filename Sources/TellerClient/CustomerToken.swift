import Crypto
public import Foundation
import JWTKit
import TellerMessages

/// Signs tokens that prove a customer to workers, as a bank's gateway does. Here it serves demonstrations and tests.
public enum CustomerToken {
    /// A JSON Web Token (RFC 7519) for a customer.
    ///
    /// - Parameters:
    ///   - privateKeyPEM: A private key in PEM: Ed25519 (signs as EdDSA) or P-256 (ES256).
    ///   - keyID: The key's `kid` in the workers' key set.
    ///   - lifetime: Seconds until it expires.
    ///   - body: The body of the one request that the token is for (claim `req`); nil for any of the customer's.
    public static func sign(
        customer: String, audience: String, privateKeyPEM: String, keyID: String = "demo", lifetime: TimeInterval = 600,
        body: [UInt8]? = nil
    ) async throws -> String {
        let keys = JWTKeyCollection()
        if let key = try? EdDSA.PrivateKey(pem: privateKeyPEM) {
            await keys.add(eddsa: key, kid: JWKIdentifier(string: keyID))
        } else {
            await keys.add(ecdsa: try ES256PrivateKey(pem: privateKeyPEM), kid: JWKIdentifier(string: keyID))
        }
        let now = Date()
        let claims = CustomerClaims(
            subject: SubjectClaim(value: customer), audience: AudienceClaim(value: [audience]),
            issuedAt: IssuedAtClaim(value: now), expiration: ExpirationClaim(value: now.addingTimeInterval(lifetime)),
            bodyDigest: body.map { SHA256.hash(data: $0).hexadecimal })
        return try await keys.sign(claims, kid: JWKIdentifier(string: keyID))
    }
}

private struct CustomerClaims: JWTPayload {
    var subject: SubjectClaim
    var audience: AudienceClaim
    var issuedAt: IssuedAtClaim
    var expiration: ExpirationClaim
    var bodyDigest: String?

    enum CodingKeys: String, CodingKey {
        case subject = "sub"
        case audience = "aud"
        case issuedAt = "iat"
        case expiration = "exp"
        case bodyDigest = "req"
    }

    func verify(using algorithm: some JWTAlgorithm) async throws {
        try self.expiration.verifyNotExpired()
    }
}
