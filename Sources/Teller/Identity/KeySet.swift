import Foundation
import JWTKit

/// The public keys that tokens may be signed with, from a JSON Web Key Set (RFC 7517).
struct KeySet: Sendable {
    /// The signature algorithms accepted: all asymmetric.
    static let algorithms: Set<String> = [
        "EdDSA", "ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
    ]

    /// The verifiers of each key, by key id and algorithm. Made up front: JWTKit's own collection keeps the first algorithm that
    /// a token asks of a key, so one hostile token could lock the others out.
    private let verifiers: [String: [String: any JWTAlgorithm]]

    /// - Parameter json: The text of the JWKS. Symmetric keys in it are an error: a key that verifies could then also sign.
    init(json: String) async throws {
        var verifiers: [String: [String: any JWTAlgorithm]] = [:]
        for key in try JSONDecoder().decode(JWKS.self, from: Data(json.utf8)).keys {
            guard let id = key.keyIdentifier else { throw KeySetError.missingIdentifier }
            guard verifiers[id.string] == nil else { throw KeySetError.duplicateIdentifier(id.string) }
            var usable: [String: any JWTAlgorithm] = [:]
            for algorithm in try Self.algorithms(of: key, id.string) {
                var key = key
                key.algorithm = JWK.Algorithm(rawValue: algorithm)
                // An elliptic curve serves one of the algorithms of its type only.
                usable[algorithm] = try? await JWTKeyCollection().add(jwk: key).getKey(for: id, alg: algorithm)
            }
            guard !usable.isEmpty else { throw KeySetError.unusableType(id.string) }
            verifiers[id.string] = usable
        }
        guard !verifiers.isEmpty else { throw KeySetError.empty }
        self.verifiers = verifiers
    }

    private static func algorithms(of key: JWK, _ id: String) throws(KeySetError) -> Set<String> {
        let possible: Set<String>
        switch key.keyType {
        case .octetKeyPair: possible = ["EdDSA"]
        case .ecdsa: possible = ["ES256", "ES384", "ES512"]
        case .rsa: possible = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
        default: throw .unusableType(id)
        }
        guard let algorithm = key.algorithm?.rawValue else { return possible }
        guard possible.contains(algorithm) else { throw .unusableType(id) }
        return [algorithm]
    }

    /// The key that a token's header names; the only one when it names none.
    func verifier(_ id: String?, algorithm: String) throws(AuthenticationError) -> any JWTAlgorithm {
        let only = self.verifiers.count == 1 ? self.verifiers.keys.first : nil
        guard let id = id ?? only, let usable = self.verifiers[id] else { throw AuthenticationError(.unknownKey) }
        guard let verifier = usable[algorithm] else { throw AuthenticationError(.algorithmRefused) }
        return verifier
    }
}

/// Why a key set cannot be used.
enum KeySetError: Error, CustomStringConvertible {
    case empty
    case missingIdentifier
    case duplicateIdentifier(String)
    case unusableType(String)

    var description: String {
        switch self {
        case .empty: "the key set holds no key"
        case .missingIdentifier: "a key has no kid; give each key one"
        case .duplicateIdentifier(let id): "two keys have the kid \(id)"
        case .unusableType(let id): "the key \(id) is not a public signature key (OKP, EC or RSA) for the alg it names"
        }
    }
}
