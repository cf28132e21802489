import Testing

@testable import Transformer

@Suite struct TokenWriterTests {
    /// Logits after a text, as a model that likes to copy would have them: the token that followed the last two before,
    /// and otherwise one that they alone decide.
    private static func logits(after text: [TokenID]) -> [Float] {
        let end = text.suffix(2)
        var seed = end.reduce(17) { $0 &* 31 &+ UInt64($1) }
        var generator = SplitMix64(seed: seed)
        var logits = (0..<288).map { _ in Float(generator.nextFraction() * 4) }
        if let next = (2..<text.count).last(where: { text[$0 - 2..<$0] == end }) { logits[Int(text[next])] += 6 }
        seed = generator.next()
        logits[0] = seed % 9 == 0 ? 5 : 0
        return logits
    }

    /// Runs a request as an engine does, with drafts of at most some tokens.
    private static func run(
        _ request: GenerationRequest, maximumDraft: Int
    ) throws -> (generation: Generation, text: String, steps: Int, refused: Int) {
        var writer = TokenWriter(request, try TinyCheckpoint.shared.get())
        var text = request.prompt
        var (streamed, steps, refused) = ("", 0, 0)
        while writer.finish == nil {
            let drafts = writer.drafts(maximum: maximumDraft)
            #expect(drafts.count <= maximumDraft)
            steps += 1
            var isAgreed = true
            for draft in drafts.map({ Optional($0) }) + [nil] where isAgreed {
                var row = self.logits(after: text)
                guard let token = try row.withUnsafeMutableBufferPointer({ try writer.write($0) }) else { break }
                streamed += writer.takeText()
                text.append(token)
                isAgreed = token == draft
                refused += draft != nil && !isAgreed ? 1 : 0
            }
        }
        streamed += writer.takeText()
        return (writer.generation, streamed, steps, refused)
    }

    private static func prompt(_ seed: UInt64) -> [TokenID] {
        var generator = SplitMix64(seed: seed)
        return (0..<60).map { _ in TokenID(2 + generator.next() % 286) }
    }

    private static let samplings: [Sampling] = [
        .greedy, .greedy(repetitionPenalty: 1.2), .random(temperature: 0.6, seed: 3),
        .random(temperature: 1, topK: 20, topP: 0.9, minP: 0.01, repetitionPenalty: 1.1, seed: 4),
    ]

    @Test(arguments: Self.samplings, [nil, #"{"type": "array", "items": {"type": "string", "maxLength": 9}}"#])
    func `drafts change the number of steps and nothing else`(sampling: Sampling, schema: String?) throws {
        for seed in 0..<8 as Range<UInt64> {
            var request = GenerationRequest(
                prompt: Self.prompt(seed), maximumNewTokens: 120, sampling: sampling,
                stopStrings: ["ab", "\u{1}\u{2}"],
                constraint: try schema.map { try JSONSchemaConstraint(schema: $0) })
            let drafted = try Self.run(request, maximumDraft: 8)
            let plain = try Self.run(request, maximumDraft: 0)
            request.speculation = false
            let unspeculative = try Self.run(request, maximumDraft: 8)
            #expect(drafted.generation == plain.generation && drafted.generation == unspeculative.generation)
            #expect(drafted.text == drafted.generation.text && plain.text == plain.generation.text)
            #expect(plain.steps == unspeculative.steps && drafted.steps <= plain.steps)
        }
    }

    @Test func `a text that copies its prompt takes a fraction of the steps`() throws {
        let request = GenerationRequest(
            prompt: Self.prompt(1) + Self.prompt(1).prefix(4), maximumNewTokens: 50, stopTokens: [])
        let drafted = try Self.run(request, maximumDraft: 8)
        #expect(drafted.generation.tokens.count == 50)
        #expect(drafted.steps <= 16, "\(drafted.steps) steps, \(drafted.refused) refused")
    }

    @Test func `what a constraint forces is drafted`() throws {
        let constraint = try JSONSchemaConstraint(schema: #"{"const": "hello hello world"}"#)
        let request = GenerationRequest(prompt: [9], maximumNewTokens: 40, constraint: constraint)
        let writer = TokenWriter(request, try TinyCheckpoint.shared.get())
        let tokenizer = try TinyCheckpoint.shared.get().tokenizer
        // Without the last token, the closing quotation mark.
        #expect(tokenizer.decode(writer.drafts(maximum: 40)) == #""hello hello world"#)
        #expect(writer.drafts(maximum: 2).count == 2)
    }

    @Test func `no more is drafted than may be written, and nothing after a stop token`() throws {
        let copied = Self.prompt(2)
        for left in 1...4 {
            let request = GenerationRequest(prompt: copied + copied.prefix(30), maximumNewTokens: left, stopTokens: [])
            let writer = TokenWriter(request, try TinyCheckpoint.shared.get())
            #expect(writer.drafts(maximum: 8) == Array(copied[30...].prefix(left - 1)))
        }
        let request = GenerationRequest(
            prompt: copied + copied.prefix(30), maximumNewTokens: 50, stopTokens: [copied[32]])
        #expect(try TokenWriter(request, TinyCheckpoint.shared.get()).drafts(maximum: 8) == Array(copied[30..<32]))
    }

    @Test func `a draft ends before the first token that the constraint refuses`() throws {
        let tokenizer = try TinyCheckpoint.shared.get().tokenizer
        var request = GenerationRequest(
            prompt: tokenizer.encode("mnpqxyz bcd mnpqxy"), maximumNewTokens: 50, constraint: WordConstraint("z b"))
        let model = try TinyCheckpoint.shared.get()
        #expect(tokenizer.decode(TokenWriter(request, model).drafts(maximum: 8)) == "z b")
        request.constraint = WordConstraint("z bcd")
        #expect(tokenizer.decode(TokenWriter(request, model).drafts(maximum: 4)) == "z bc")
        request.constraint = WordConstraint("q")
        #expect(TokenWriter(request, model).drafts(maximum: 8) == [])
    }

    @Test func `a stop string ends a generation before it`() throws {
        let model = try TinyCheckpoint.shared.get()
        let words = model.tokenizer.encode("he said hello world")
        let request = GenerationRequest(prompt: [9], maximumNewTokens: 40, stopStrings: ["lo w"])
        var writer = TokenWriter(request, model)
        var streamed: [String] = []
        for token in words where writer.finish == nil {
            var logits = [Float](repeating: 0, count: 288)
            logits[Int(token)] = 1
            _ = try logits.withUnsafeMutableBufferPointer { try writer.write($0) }
            streamed.append(writer.takeText())
        }
        #expect(writer.finish == .stopString && writer.generation.text == "he said hel")
        #expect(streamed.joined() == "he said hel")
        #expect(writer.generation.usage.completionTokens == writer.generation.tokens.count)
        #expect(words.starts(with: writer.generation.tokens) && writer.generation.tokens.count < words.count)
    }

    @Test(arguments: [
        GenerationRequest(prompt: [1], maximumNewTokens: 1, stopStrings: ["a", ""]),
        GenerationRequest(prompt: [1], maximumNewTokens: 1, sharedPrefix: 2),
        GenerationRequest(prompt: [1], maximumNewTokens: 1, sharedPrefix: -1),
        GenerationRequest(prompt: [1], maximumNewTokens: 1, sampling: .greedy(repetitionPenalty: 0)),
        GenerationRequest(prompt: [1], maximumNewTokens: 1, sampling: .random(temperature: 1, minP: 1.1, seed: 0)),
    ])
    func `a request that makes no sense is refused`(request: GenerationRequest) throws {
        let model = try TinyCheckpoint.shared.get()
        let error = #expect(throws: TransformerError.self) { try request.validate(for: model) }
        #expect(error?.code == .invalidRequest)
    }
}
