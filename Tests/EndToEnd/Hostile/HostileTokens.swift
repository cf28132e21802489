import AMQP
import Crypto
import Foundation

/// Tokens that prove nothing: 90 ways in which a JWT has been forged elsewhere, and some that are good.
enum HostileTokens {
    @HostileCaseList static var cases: [HostileCase] {
        Self.good
        Self.forms
        Self.headers
        Self.signatures
        Self.times
        Self.claims
    }

    private static func token(
        _ name: String, _ outcome: HostileCase.Outcome = .refused, _ change: @escaping @Sendable (inout HostileToken) throws -> Void
    ) -> HostileCase {
        HostileCase("a token \(name)", outcome) { draft in
            var token = HostileToken()
            try change(&token)
            draft.token = try token.text()
        }
    }

    @HostileCaseList private static var good: [HostileCase] {
        [
            Self.token("of the bank's Ed25519 key", .answered) { _ in },
            Self.token("of the branch's P-256 key", .answered) { token in
                token.header = #"{"alg":"ES256","kid":"branch"}"#
                token.sign = { Array(try HostileToken.branch.signature(for: Data($0)).rawRepresentation) }
            },
            HostileCase("a token for this very body", .answered) { draft in
                var token = HostileToken()
                token.add("\"req\":\"\(SHA256.hash(data: draft.bytes).map { String(format: "%02x", $0) }.joined())\"")
                draft.token = try token.text()
            },
            Self.token("with more claims than we know", .answered) { $0.add(#""scope":"admin","roles":["teller_owner"],"customer_id":"C-1002","act":{"sub":"C-1002"}"#) },
            Self.token("for several audiences", .answered) { $0.claims = $0.claims.replacing(#""teller""#, with: #"["other","teller"]"#) },
        ]
    }

    /// What stands in the header `authorization` after `Bearer`.
    @HostileCaseList private static var forms: [HostileCase] {
        [
            "", " ", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", "a.b.c.d.e", "null", "e30.e30.", "e30.e30.e30", "=.=.=", "\0.\0.\0", "%00.%00.%00", "é.é.é", String(repeating: ".", count: 10_000),
            String(repeating: "A", count: 16_385), String(repeating: "A", count: 110_000),
        ].map { text in HostileCase("a token is \(text.prefix(20).debugDescription), \(text.count) characters", .refused) { $0.token = text } }
        [
            HostileCase("there is no token", .refused) { $0.token = nil },
        ]
        ["Basic QzEwMDE6", "Bearer", "bearer", "Negotiate x", "Digest username=\"C-1001\"", ""].map { text in
            HostileCase("authorization is \(text.debugDescription)", .refused) {
                $0.token = nil
                $0.headers["authorization"] = .string(text)
            }
        }
        [
            Self.reformed("padded") { $0 + "=" }, Self.reformed("with a space in it") { $0.prefix(40) + " " + $0.dropFirst(40) }, Self.reformed("with a line break at its end") { $0 + "\n" },
            Self.reformed("with a NUL at its end") { $0 + "\0" }, Self.reformed("with a fourth part") { $0 + ".e30" }, Self.reformed("twice") { $0 + "," + $0 },
            Self.reformed("in the alphabet of base64") { $0.replacing("-", with: "+").replacing("_", with: "/") + "/" },
            Self.reformed("without its signature") { $0.prefix(through: $0.lastIndex(of: ".") ?? $0.startIndex).description },
            Self.reformed("without its last part") { $0.prefix(upTo: $0.lastIndex(of: ".") ?? $0.endIndex).description },
            Self.reformed("in capitals") { $0.uppercased() },
            HostileCase("a token in an array", .failed) { draft in
                draft.headers["authorization"] = .array([.string("Bearer \(draft.token ?? "")")])
                draft.token = nil
            },
            HostileCase("a token that is a number", .failed) {
                $0.token = nil
                $0.headers["authorization"] = 1
            },
            HostileCase("a token in the header Authorization", .refused) { draft in
                draft.headers["Authorization"] = .string("Bearer \(draft.token ?? "")")
                draft.token = nil
            },
        ]
    }

    private static func reformed(_ name: String, _ change: @escaping @Sendable (String) -> String) -> HostileCase {
        HostileCase("a good token \(name)", .refused) { $0.token = $0.token.map(change) }
    }

    /// Headers that choose how, or by what, the token is to be verified.
    @HostileCaseList private static var headers: [HostileCase] {
        [
            #"{"alg":"none"}"#, #"{"alg":"None","kid":"bank"}"#, #"{"alg":"nOnE","kid":"bank"}"#, #"{"alg":"none\u0000","kid":"bank"}"#, #"{"alg":"","kid":"bank"}"#, #"{"kid":"bank"}"#,
            #"{"alg":null,"kid":"bank"}"#, #"{"alg":["EdDSA"],"kid":"bank"}"#, #"{"alg":"eddsa","kid":"bank"}"#, #"{"alg":"HS256","kid":"bank"}"#, #"{"alg":"HS512","kid":"bank"}"#,
            #"{"alg":"ES256","kid":"bank"}"#, #"{"alg":"RS256","kid":"bank"}"#, #"{"alg":"PS256","kid":"bank"}"#, #"{"alg":"EdDSA","kid":"branch"}"#, #"{"alg":"EdDSA"}"#,
            #"{"alg":"EdDSA","kid":"unknown"}"#, #"{"alg":"EdDSA","kid":""}"#, #"{"alg":"EdDSA","kid":null}"#, #"{"alg":"EdDSA","kid":["bank"]}"#, #"{"alg":"EdDSA","kid":"../../bank"}"#,
            #"{"alg":"EdDSA","kid":"/dev/null"}"#, #"{"alg":"EdDSA","kid":"bank' UNION SELECT 'x"}"#, #"{"alg":"EdDSA","kid":"bank\u0000"}"#, #"{"alg":"EdDSA","kid":"bank|id"}"#,
            #"{"alg":"EdDSA","kid":"BANK"}"#, #"{"alg":"EdDSA","kid":"bank","crit":["exp"],"exp":1}"#, #"{"alg":"EdDSA","kid":"bank","crit":[]}"#, #"{"alg":"EdDSA","kid":"bank","b64":false}"#,
            #"{"alg":"EdDSA","kid":"bank","b64":false,"crit":["b64"]}"#, #"{"alg":"EdDSA","kid":"bank","jku":"https://attacker.example/keys"}"#,
            #"{"alg":"EdDSA","kid":"bank","x5u":"https://attacker.example/cert"}"#, #"{"alg":"EdDSA","kid":"bank","x5c":["MIIB"]}"#, #"{"alg":"EdDSA","kid":"bank","jwk":null}"#,
            #"{"alg":"EdDSA","alg":"none","kid":"bank"}"#, #"{"alg":"none","\u0061lg":"EdDSA","kid":"bank"}"#, #"{"alg":"EdDSA","kid":"bank","kid":"branch"}"#, #"{"alg":"EdDSA","kid":"bank"} "# + "x",
            "\u{FEFF}" + #"{"alg":"EdDSA","kid":"bank"}"#, "[]", "\"EdDSA\"", "", "{", #"{"alg":"EdDSA","kid":"bank","x":\#(String(repeating: "[", count: 4000))}"#,
            #"{"alg":"EdDSA","kid":"bank","x":"\#(String(repeating: "x", count: 20_000))"}"#,
        ].map { header in Self.token("with the header \(header.prefix(60).debugDescription)") { $0.header = header } }
        [
            Self.token("that brings its own key") { token in
                token.header = #"{"alg":"EdDSA","jwk":{"kty":"OKP","crv":"Ed25519","x":"\#(HostileToken.base64URL(HostileToken.stranger.publicKey.rawRepresentation))"}}"#
                token.sign = { Array(try HostileToken.stranger.signature(for: Data($0))) }
            },
            Self.token("signed with the public key as a secret") { token in
                token.header = #"{"alg":"HS256","kid":"bank"}"#
                token.sign = { Array(HMAC<SHA256>.authenticationCode(for: $0, using: SymmetricKey(data: HostileToken.bank.publicKey.rawRepresentation))) }
            },
            Self.token("signed with the text of the key set as a secret") { token in
                token.header = #"{"alg":"HS256","kid":"branch"}"#
                token.sign = { Array(HMAC<SHA256>.authenticationCode(for: $0, using: SymmetricKey(data: Data(HostileToken.keySet.utf8)))) }
            },
        ]
    }

    @HostileCaseList private static var signatures: [HostileCase] {
        [
            Self.token("signed by a stranger") { $0.sign = { Array(try HostileToken.stranger.signature(for: Data($0))) } },
            Self.token("signed with nothing") { $0.sign = { _ in [] } }, Self.token("signed with zeros") { $0.sign = { _ in Array(repeating: 0, count: 64) } },
            Self.token("signed with 63 bytes") { $0.sign = { try Array(HostileToken.bank.signature(for: Data($0)).prefix(63)) } },
            Self.token("signed with 65 bytes") { $0.sign = { try Array(HostileToken.bank.signature(for: Data($0))) + [0] } },
            Self.token("with one bit of its signature changed") { $0.sign = { input in
                var signature = Array(try HostileToken.bank.signature(for: Data(input)))
                signature[40] ^= 1
                return signature
            } },
            Self.token("whose S is S + L") { $0.sign = { Self.malleated(Array(try HostileToken.bank.signature(for: Data($0)))) } },
            Self.token("signed over other claims") { token in
                let other = HostileToken()
                token.claims = token.claims.replacing("C-1001", with: "C-1001 ")
                let input = Array(other.signingInput.utf8)
                token.sign = { _ in Array(try HostileToken.bank.signature(for: Data(input))) }
            },
            Self.token("signed over its claims alone") { token in
                let claims = Array(HostileToken.base64URL(Array(token.claims.utf8)).utf8)
                token.sign = { _ in Array(try HostileToken.bank.signature(for: Data(claims))) }
            },
            Self.branch("signed in DER") { Array(try HostileToken.branch.signature(for: Data($0)).derRepresentation) },
            Self.branch("signed with zeros on P-256") { _ in Array(repeating: 0, count: 64) },
            Self.branch("signed with R and S exchanged") { input in
                let signature = Array(try HostileToken.branch.signature(for: Data(input)).rawRepresentation)
                return Array(signature.suffix(32) + signature.prefix(32))
            },
            Self.branch("signed on P-256 over another text") { _ in Array(try HostileToken.branch.signature(for: Data("other".utf8)).rawRepresentation) },
            Self.branch("signed on P-256 with Ed25519's bytes") { Array(try HostileToken.bank.signature(for: Data($0))) },
            Self.branch("signed with R and S of the group's order") { _ in Self.order + Self.order },
        ]
    }

    private static func branch(_ name: String, _ sign: @escaping @Sendable ([UInt8]) throws -> [UInt8]) -> HostileCase {
        Self.token(name) { token in
            token.header = #"{"alg":"ES256","kid":"branch"}"#
            token.sign = sign
        }
    }

    /// The order of P-256's group (FIPS 186-4, D.1.2.3).
    private static let order: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ]

    /// Adds the order of Ed25519's group (RFC 8032, 5.1) to S: a verifier that does not check its range takes it.
    private static func malleated(_ signature: [UInt8]) -> [UInt8] {
        let order: [UInt8] = [
            0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ]
        var carry = 0
        let sum = zip(signature.suffix(32), order).map { digit, other in
            let value = Int(digit) + Int(other) + carry
            carry = value >> 8
            return UInt8(value & 0xFF)
        }
        return signature.prefix(32) + sum
    }

    @HostileCaseList private static var times: [HostileCase] {
        [
            (.refused, #""exp":\#(HostileToken.now - 3600)"#), (.refused, #""exp":0"#), (.refused, #""exp":-1"#), (.refused, #""exp":-1e11"#), (.refused, #""exp":"\#(HostileToken.now + 900)""#),
            (.refused, #""exp":null"#), (.refused, #""exp":true"#), (.refused, #""exp":[]"#), (.refused, #""exp":1e400"#), (.refused, #""exp":1e308"#), (.refused, #""exp":9223372036854775808"#),
            (.refused, #""iat":1"#), (.refused, #""exp":\#(HostileToken.now + 900),"nbf":\#(HostileToken.now + 3600)"#), (.refused, #""exp":\#(HostileToken.now + 900),"iat":\#(HostileToken.now + 3600)"#),
            (.refused, #""exp":\#(HostileToken.now + 900),"nbf":"0""#), (.refused, #""exp":\#(HostileToken.now + 900),"nbf":null"#), (.refused, #""exp":\#(HostileToken.now + 900),"nbf":1e400"#),
            (.refused, #""exp":\#(HostileToken.now + 900),"exp":0"#), (.refused, #""exp":0,"\u0065xp":\#(HostileToken.now + 900)"#),
            (.answered, #""exp":\#(HostileToken.now + 900).5,"nbf":0,"iat":0"#), (.answered, #""exp":\#(HostileToken.now + 900)e0"#),
        ].map { (outcome: HostileCase.Outcome, claims: String) in
            Self.token("with \(claims)", outcome) { $0.claims = #"{"aud":"teller","sub":"C-1001",\#(claims)}"# }
        }
    }

    @HostileCaseList private static var claims: [HostileCase] {
        [
            #""sub":"C-1001""#, #""aud":"other","sub":"C-1001""#, #""aud":"","sub":"C-1001""#, #""aud":"Teller","sub":"C-1001""#, #""aud":"teller ","sub":"C-1001""#,
            #""aud":"teller\u0000","sub":"C-1001""#, #""aud":["other"],"sub":"C-1001""#, #""aud":[["teller"]],"sub":"C-1001""#, #""aud":{"teller":1},"sub":"C-1001""#, #""aud":null,"sub":"C-1001""#,
            #""aud":"teller""#, #""aud":"teller","sub":"""#, #""aud":"teller","sub":"C-1002""#, #""aud":"teller","sub":"C-1001 ""#, #""aud":"teller","sub":"c-1001""#, #""aud":"teller","sub":null"#,
            #""aud":"teller","sub":["C-1001"]"#, #""aud":"teller","sub":1001"#, #""aud":"teller","sub":"C-1001\u0000""#, #""aud":"teller","sub":"*""#, #""aud":"teller","sub":"C-1002","sub":"C-1001""#,
            #""aud":"teller","sub":"C-1001","\u0073ub":"C-1002""#, #""aud":"teller","sub":"C-1001","req":"00""#, #""aud":"teller","sub":"C-1001","req":null"#, #""aud":"teller","sub":"C-1001","req":1"#,
            #""aud":"teller","sub":"C-1001","req":"""#, #""aud":"teller","sub":"C-1001","x":"\ud800""#, #""aud":"teller","sub":"C-1001","x":\#(String(repeating: "[", count: 9) + String(repeating: "]", count: 9))"#,
            #""aud":"teller","sub":"C-1001","x":"\#(String(repeating: "x", count: 20_000))""#,
        ].map { claims in
            Self.token("that claims \(claims.prefix(60))") { $0.claims = "{\(claims),\"exp\":\(HostileToken.now + 900)}" }
        }
        ["", "null", "[]", "{", "\"C-1001\"", "\u{FEFF}{}", "{}{}", "{}\0"].map { claims in
            Self.token("whose claims are \(claims.debugDescription)") { $0.claims = claims }
        }
        [
            HostileCase("a token issued for another body", .refused) { draft in
                var token = HostileToken()
                token.add("\"req\":\"\(SHA256.hash(data: Data("other".utf8)).map { String(format: "%02x", $0) }.joined())\"")
                draft.token = try token.text()
            },
            HostileCase("a token of a customer whose id is equal only to the eye", .refused) { draft in
                draft[member: "customer_id"] = "\"K-1001\""
                var token = HostileToken()
                token.claims = token.claims.replacing("C-1001", with: "\u{212A}-1001")
                draft.token = try token.text()
            },
        ]
    }
}
