import Foundation
import Testing

@testable import Transformer

/// A million characters of everything, of which each run takes a tenth; `TELLER_ALL_MIXED_TEXTS=1` takes them all.
@Suite struct TokenizerMixedTests {
    private struct Mixed: Decodable {
        let length: Int
        let words: [String]
        let ranges: [[UInt32]]
        /// Of the tokens of each text, by tokenizer.
        let hashes: [String: [String]]

        init() throws {
            self = try JSONDecoder().decode(
                Self.self, from: Data(contentsOf: URL(filePath: Fixture.path("tokenizer-mixed.json"))))
        }

        /// What `mixed_text` in `make_fixtures.py` makes of a seed.
        func text(_ seed: UInt64) -> String {
            var random = SplitMix64(seed: seed)
            func below(_ limit: UInt64) -> UInt64 { random.next() % limit }
            var text: [Unicode.Scalar] = []
            while text.count < self.length {
                switch below(8) {
                case ..<5:
                    if below(4) != 0 { text.append(" ") }
                    text += self.words[Int(below(UInt64(self.words.count)))].unicodeScalars
                case 5:
                    let (number, digits) = (random.next(), 1 + below(9))
                    let limit = (0..<digits).reduce(UInt64(1)) { limit, _ in 10 * limit }
                    text += String(number % limit).unicodeScalars
                default:
                    let range = self.ranges[Int(below(UInt64(self.ranges.count)))]
                    for _ in 0..<1 + below(6) {
                        let value = range[0] + UInt32(below(UInt64(range[1] - range[0])))
                        text.append(Unicode.Scalar(value) ?? "\u{FFFD}")
                    }
                }
            }
            return String(String.UnicodeScalarView(text))
        }
    }

    private static func hash(_ tokens: [TokenID]) -> String {
        let hash = tokens.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { hash, token in
            (hash ^ UInt64(UInt32(bitPattern: token))) &* 0x100_0000_01B3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    @Test(.timeLimit(.minutes(5)), arguments: Fixture.tokenizers)
    func `texts of everything have the tokens that the reference implementation gives them`(name: String) throws {
        let mixed = try Mixed()
        let tokenizer = try Tokenizer(directory: Fixture.path(name))
        let hashes = try #require(mixed.hashes[name])
        let takesAll = ProcessInfo.processInfo.environment["TELLER_ALL_MIXED_TEXTS"] == "1"
        for (seed, hash) in hashes.enumerated().prefix(takesAll ? hashes.count : hashes.count / 10) {
            let text = mixed.text(UInt64(seed))
            let tokens = tokenizer.encode(text)
            #expect(Self.hash(tokens) == hash, "text \(seed)")
            #expect(!tokens.contains(where: tokenizer.isAdded), "text \(seed)")
        }
    }
}
