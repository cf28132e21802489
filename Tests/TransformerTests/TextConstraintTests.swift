import Testing

@testable import Transformer

/// Lets only prefixes of a few words be written, and the text end after any of them.
struct WordConstraint: TextConstraint {
    let words: [[UInt8]]
    var written: [UInt8] = []

    init(_ words: String...) { self.words = words.map { Array($0.utf8) } }

    func accepts(_ bytes: [UInt8]) -> Bool { self.words.contains { $0.starts(with: self.written + bytes) } }
    mutating func append(_ bytes: [UInt8]) { self.written += bytes }
    var mayEnd: Bool { self.words.contains(self.written) }
}

@Suite struct TextConstraintTests {
    private static func generate(
        _ constraint: WordConstraint, maximumNewTokens: Int = 60, sampling: Sampling = .greedy, prompt: [TokenID] = [9],
        stopTokens: Set<TokenID>? = nil
    ) async throws -> Generation {
        let engine = InferenceEngine(model: try TinyCheckpoint.shared.get(), threads: 1)
        return try await engine.generate(
            GenerationRequest(
                prompt: prompt, maximumNewTokens: maximumNewTokens, sampling: sampling, stopTokens: stopTokens,
                constraint: constraint))
    }

    @Test(arguments: ["hello world", "转账 two", "x", "aaaaaaaa <|q|>"])
    func `only what is accepted is written, then the end`(word: String) async throws {
        for sampling in [Sampling.greedy, .random(temperature: 2, seed: 1), .random(temperature: 1, topK: 1, seed: 1)] {
            let generation = try await Self.generate(WordConstraint(word), sampling: sampling)
            #expect(generation.text == word)
            #expect(generation.finish == .stop)
            #expect(!generation.tokens.contains { $0 < 2 })
        }
    }

    @Test func `of several texts the likeliest is written`() async throws {
        let words = ["accounts", "balance", "transfer", "上个月"]
        var chosen: Set<String> = []
        for token in TokenID(2)..<40 {
            let generation = try await Self.generate(
                WordConstraint("accounts", "balance", "transfer", "上个月"), prompt: [token, token + 9])
            #expect(words.contains(generation.text))
            chosen.insert(generation.text)
        }
        #expect(chosen.count > 1)
    }

    @Test func `a constraint that accepts nothing is a dead end`() async throws {
        let generation = try await Self.generate(WordConstraint())
        #expect(generation.finish == .constraintDeadEnd)
        #expect(generation.tokens.isEmpty)
        let endless = try await Self.generate(WordConstraint("ab"), stopTokens: [])
        #expect(endless.finish == .constraintDeadEnd)
        #expect(endless.text == "ab")
    }

    @Test func `the limit of new tokens ends a constrained text too`() async throws {
        let generation = try await Self.generate(WordConstraint("bcdfg"), maximumNewTokens: 3)
        #expect(generation.finish == .length)
        #expect(generation.text == "bcd")
    }
}
