import EventLoops
import Testing

@testable import Transformer

@Suite struct TokenFilterTests {
    /// Counts what a constraint is asked.
    private struct Counted: TextConstraint {
        var base: any TextConstraint
        let tally: Locked<Int>

        func accepts(_ bytes: [UInt8]) -> Bool {
            self.tally.withLock { $0 += 1 }
            return self.base.accepts(bytes)
        }

        mutating func append(_ bytes: [UInt8]) { self.base.append(bytes) }
        var mayEnd: Bool { self.base.mayEnd }
    }

    private static func constraints() throws -> [any TextConstraint] {
        [
            WordConstraint("accounts.list", "account.balance", "hello world", "helloo", "转账", "aaaaaaaaaa", ""),
            WordConstraint("x"), WordConstraint(),
            try JSONSchemaConstraint(schema: #"{"type": ["string", "integer"], "maxLength": 30, "minimum": 5}"#),
        ]
    }

    /// Whether a token may be written, asked of the constraint itself.
    private static func allows(
        _ constraint: any TextConstraint, _ tokenizer: Tokenizer, _ token: TokenID
    ) -> Bool {
        if token == 0 { return constraint.mayEnd }
        let bytes = tokenizer.bytes(of: token)
        return !bytes.isEmpty && !tokenizer.isAdded(token) && constraint.accepts(bytes)
    }

    @Test(arguments: try Self.constraints().indices)
    func `a token is allowed exactly when the constraint accepts all its bytes`(index: Int) throws {
        let tokenizer = try TinyCheckpoint.shared.get().tokenizer
        var generator = SplitMix64(seed: UInt64(index))
        for _ in 0..<30 {
            var constraint = try Self.constraints()[index]
            for _ in 0..<8 {
                let tokens = (0..<TokenID(tokenizer.vocabularySize)).shuffled(using: &generator)
                var filter = TokenFilter(constraint, tokenizer, stopTokens: [0])
                let allowed = tokens.filter { filter.allows($0) }
                #expect(allowed == tokens.filter { Self.allows(constraint, tokenizer, $0) })
                guard let token = allowed.first(where: { $0 != 0 }) else { break }
                constraint.append(tokenizer.bytes(of: token))
            }
        }
    }

    @Test(arguments: try Self.constraints().indices, [Sampling.greedy, .random(temperature: 1, seed: 8)])
    func `the token chosen is the one that asking about each in turn would choose`(
        index: Int, sampling: Sampling
    ) throws {
        let tokenizer = try TinyCheckpoint.shared.get().tokenizer
        var generator = SplitMix64(seed: UInt64(index) + 40)
        for _ in 0..<40 {
            var constraint = try Self.constraints()[index]
            var (sampler, reference) = (TokenSampler(sampling), TokenSampler(sampling))
            for _ in 0..<12 {
                var logits = (0..<288).map { _ in Float(generator.next() % 12) }
                let (own, expected) = logits.withUnsafeMutableBufferPointer { logits in
                    var filter = TokenFilter(constraint, tokenizer, stopTokens: [0])
                    let own = sampler.next(logits) { filter.allows($0) }
                    return (own, reference.next(logits) { Self.allows(constraint, tokenizer, $0) })
                }
                #expect(own == expected)
                if sampling == .greedy {
                    let best = logits.indices.filter { Self.allows(constraint, tokenizer, TokenID($0)) }
                        .max { logits[$0] < logits[$1] || logits[$0] == logits[$1] && $0 > $1 }
                    #expect(own == best.map { TokenID($0) })
                }
                guard let own, own != 0 else { break }
                constraint.append(tokenizer.bytes(of: own))
            }
        }
    }

    @Test func `one question settles all tokens that begin alike`() throws {
        let tokenizer = try TinyCheckpoint.shared.get().tokenizer
        let tally = Locked(0)
        var filter = TokenFilter(
            Counted(base: WordConstraint("hello world"), tally: tally), tokenizer, stopTokens: [])
        let isAllowed = (0..<50).map { _ in filter.allows(tokenizer.encode("w")[0]) }
        #expect(!isAllowed.contains(true) && tally.withLock { $0 } < 3)
        for token in tokenizer.encode("aaaa") + tokenizer.encode("aa") {
            let isAllowed = filter.allows(token)
            #expect(!isAllowed)
        }
        #expect(tally.withLock { $0 } < 5)
        let mayGreet = filter.allows(tokenizer.encode("hello")[0])
        #expect(mayGreet)
    }
}
