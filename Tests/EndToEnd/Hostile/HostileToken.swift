import Crypto
import Foundation

/// A token as a bank's gateway signs it, each part of which an attacker may write otherwise.
struct HostileToken: Sendable {
    /// The issuer's keys, which the worker knows: `bank` (Ed25519) and `branch` (P-256).
    static let bank = Curve25519.Signing.PrivateKey()
    static let branch = P256.Signing.PrivateKey()
    /// A key that the worker does not know.
    static let stranger = Curve25519.Signing.PrivateKey()

    /// The worker's key set.
    static var keySet: String {
        let point = self.branch.publicKey.rawRepresentation
        return """
            {"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"bank","x":"\(base64URL(self.bank.publicKey.rawRepresentation))"},
            {"kty":"EC","crv":"P-256","alg":"ES256","kid":"branch","x":"\(base64URL(point.prefix(32)))","y":"\(base64URL(point.suffix(32)))"}]}
            """
    }

    static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static var now: Int { Int(Date().timeIntervalSince1970) }

    var header = #"{"alg":"EdDSA","kid":"bank","typ":"JWT"}"#
    /// The claims as JSON text.
    var claims = #"{"aud":"teller","sub":"C-1001","iat":\#(Self.now),"exp":\#(Self.now + 900)}"#
    /// Makes the signature of the bytes before it.
    var sign: @Sendable ([UInt8]) throws -> [UInt8] = { Array(try Self.bank.signature(for: Data($0))) }

    /// The claims without their braces, followed by others.
    mutating func add(_ claims: String) { self.claims = self.claims.dropLast() + "," + claims + "}" }

    var signingInput: String { Self.base64URL(Array(self.header.utf8)) + "." + Self.base64URL(Array(self.claims.utf8)) }

    /// The compact form.
    func text() throws -> String {
        let input = self.signingInput
        return input + "." + Self.base64URL(try self.sign(Array(input.utf8)))
    }
}
