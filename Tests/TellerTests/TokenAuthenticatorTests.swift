import AMQP
import Crypto
import Foundation
import JWTKit
import Testing

@testable import Teller
@testable import TellerMessages

@Suite struct TokenAuthenticatorTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)
    private static let issuerKey = Curve25519.Signing.PrivateKey()
    private static let otherKey = Curve25519.Signing.PrivateKey()
    private static let body = ChatRequest.Body(conversationID: "c1", customerID: "C-1001", question: "hello")

    private static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static var keySet: String {
        let x = Self.base64URL(Self.issuerKey.publicKey.rawRepresentation)
        return #"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"bank","x":"\#(x)"}]}"#
    }

    /// A token with any header and claims, signed by us rather than by a library that would refuse to.
    private static func token(
        header: String = #"{"alg":"EdDSA","kid":"bank","typ":"JWT"}"#, claims: String? = nil, key: Curve25519.Signing.PrivateKey = Self.issuerKey
    ) throws -> String {
        let claims = claims ?? Self.claims()
        let signed = Self.base64URL(Array(header.utf8)) + "." + Self.base64URL(Array(claims.utf8))
        return signed + "." + Self.base64URL(try key.signature(for: Data(signed.utf8)))
    }

    private static func claims(_ more: String = #""aud":"teller","sub":"C-1001""#, expiresIn seconds: Int = 300) -> String {
        "{\(more),\"exp\":\(Int(Self.now.timeIntervalSince1970) + seconds)}"
    }

    private func authenticate(_ token: String?, issuer: String? = nil) async throws -> VerifiedCustomer {
        let authenticator = TokenAuthenticator(
            keys: try await KeySet(json: Self.keySet), audience: "teller", issuer: issuer, now: { Self.now })
        let request = ChatRequest(id: "r-1", token: token, body: Self.body)
        return try await authenticator.customer(of: request, from: request.message)
    }

    @Test func `a token of the issuer proves its subject`() async throws {
        #expect(try await self.authenticate(try Self.token()) == VerifiedCustomer(id: "C-1001", hasExpired: false))
        let list = Self.claims(#""aud":["x","teller"],"sub":"C-1001","iss":"bank","nbf":1,"iat":1800000020"#)
        #expect(try await self.authenticate(try Self.token(claims: list), issuer: "bank").id == "C-1001")
    }

    @Test func `an expired token proves who asked, and that it is too late to begin`() async throws {
        let token = try Self.token(claims: Self.claims(expiresIn: -31))
        #expect(try await self.authenticate(token) == VerifiedCustomer(id: "C-1001", hasExpired: true))
        #expect(try await !self.authenticate(try Self.token(claims: Self.claims(expiresIn: -29))).hasExpired)
    }

    @Test func `a token that was issued for this body holds for no other`() async throws {
        let digest = SHA256.hash(data: Self.body.json.serialized).hexadecimal
        let right = Self.claims(#""aud":"teller","sub":"C-1001","req":"\#(digest)""#)
        #expect(try await self.authenticate(try Self.token(claims: right)).id == "C-1001")
        let wrong = Self.claims(#""aud":"teller","sub":"C-1001","req":"00""#)
        await self.expectRefusal(try Self.token(claims: wrong), .otherBody)
    }

    @Test(arguments: [
        (#"{"alg":"none","kid":"bank"}"#, AuthenticationError.Reason.algorithmRefused), (#"{"alg":"None"}"#, .algorithmRefused),
        (#"{"alg":"HS256","kid":"bank"}"#, .algorithmRefused), (#"{"kid":"bank"}"#, .algorithmRefused), (#"{"alg":"ES256","kid":"bank"}"#, .algorithmRefused),
        (#"{"alg":"EdDSA","kid":"bank","crit":["exp"]}"#, .algorithmRefused), (#"{"alg":"EdDSA","kid":"bank","jwk":{}}"#, .algorithmRefused),
        (#"{"alg":"EdDSA","kid":"bank","jku":"https://x"}"#, .algorithmRefused), (#"{"alg":"EdDSA","kid":"bank","x5c":[]}"#, .algorithmRefused),
        (#"{"alg":"EdDSA","kid":"other"}"#, .unknownKey), (#"{"alg":"EdDSA","kid":"../bank"}"#, .unknownKey), (#"{"alg":"EdDSA","kid":5}"#, .malformedToken),
        (#"{"alg":"EdDSA","alg":"none","kid":"bank"}"#, .malformedToken), ("[]", .malformedToken), ("{", .malformedToken),
    ])
    func `a header that asks for more than the key set allows is refused`(_ header: String, _ reason: AuthenticationError.Reason) async throws {
        await self.expectRefusal(try Self.token(header: header), reason)
    }

    @Test(arguments: [
        (Self.claims(#""aud":"other","sub":"C-1001""#), AuthenticationError.Reason.wrongAudience), (Self.claims(#""sub":"C-1001""#), .wrongAudience),
        (Self.claims(#""aud":["x"],"sub":"C-1001""#), .wrongAudience), (Self.claims(#""aud":"teller","sub":"C-1002""#), .otherCustomer),
        (Self.claims(#""aud":"teller""#), .malformedToken), (Self.claims(#""aud":"teller","sub":5"#), .malformedToken),
        (#"{"aud":"teller","sub":"C-1001"}"#, .malformedToken), (#"{"aud":"teller","sub":"C-1001","exp":"9999999999"}"#, .malformedToken),
        (#"{"aud":"teller","sub":"C-1001","exp":1e400}"#, .malformedToken), (Self.claims(#""aud":"teller","sub":"C-1001","nbf":1800000031"#), .notYetValid),
        (Self.claims(#""aud":"teller","sub":"C-1001","iat":1800000031"#), .notYetValid),
        (Self.claims(#""aud":"teller","sub":"C-1002","sub":"C-1001""#), .malformedToken),
        (Self.claims("\"aud\":\"teller\",\"sub\":\"C-1001\u{301}\""), .otherCustomer),
    ])
    func `claims that do not fit the request are refused`(_ claims: String, _ reason: AuthenticationError.Reason) async throws {
        await self.expectRefusal(try Self.token(claims: claims), reason)
    }

    @Test func `a token of another key, a changed one and a malleable one are refused`() async throws {
        await self.expectRefusal(try Self.token(key: Self.otherKey), .badSignature)
        var parts = try Self.token().split(separator: ".").map(String.init)
        await self.expectRefusal("\(parts[0]).\(Self.base64URL(Array(Self.claims(#""aud":"teller","sub":"C-1002""#).utf8))).\(parts[2])", .badSignature)
        await self.expectRefusal("\(parts[0]).\(parts[1]).", .badSignature)
        await self.expectRefusal("\(parts[0]).\(parts[1])", .malformedToken)
        await self.expectRefusal(parts[1] + "=." + parts[1] + "." + parts[2], .malformedToken)
        // The last character of 64 bytes in base64url carries four bits that are not used.
        parts[2] = String(parts[2].dropLast()) + (parts[2].hasSuffix("B") ? "C" : "B")
        let changed = parts.joined(separator: ".")
        await #expect(throws: AuthenticationError.self) { try await self.authenticate(changed) }
    }

    @Test func `no token and another issuer are refused`() async throws {
        await self.expectRefusal(nil, .missingToken)
        let token = try Self.token()
        let error = await #expect(throws: AuthenticationError.self) { try await self.authenticate(token, issuer: "bank") }
        #expect(error?.reason == .wrongIssuer)
    }

    private func expectRefusal(_ token: String?, _ reason: AuthenticationError.Reason) async {
        let error = await #expect(throws: AuthenticationError.self) { try await self.authenticate(token) }
        #expect(error?.reason == reason)
    }

    @Test(arguments: [
        #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"AAAA","kid":"a","alg":"HS256"}]}"#,
        #"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA"}]}"#, "{}", "",
    ])
    func `a key set without usable public keys is an error`(_ json: String) async {
        await #expect(throws: (any Error).self) { try await KeySet(json: json) }
    }

    @Test func `the broker's word is enough only for trusted logins`() async throws {
        var message = ChatRequest(id: "r-1", body: Self.body).message
        let request = try ChatRequest(decoding: message)
        #expect(try await BrokerAuthenticator(trustedUsers: []).customer(of: request, from: message).id == "C-1001")
        await #expect(throws: AuthenticationError.self) { try await BrokerAuthenticator(trustedUsers: ["gateway"]).customer(of: request, from: message) }
        message.properties.userID = "gateway"
        #expect(try await BrokerAuthenticator(trustedUsers: ["gateway"]).customer(of: request, from: message).id == "C-1001")
    }
}
