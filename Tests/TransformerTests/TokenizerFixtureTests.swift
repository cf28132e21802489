import Testing

@testable import Transformer

@Suite struct TokenizerFixtureTests {
    @Test(arguments: Fixture.tokenizers)
    func `every text has the tokens that the reference implementation gives it`(name: String) throws {
        let tokenizer = try Tokenizer(directory: Fixture.path(name))
        let cases = try Fixture.TokenizerCase.all(name)
        try #require(cases.count > 50)
        for example in cases {
            let text = example.text
            #expect(tokenizer.encode(text) == example.ids, "\(text.debugDescription)")
            #expect(tokenizer.encode(text, special: true) == example.idsWithSpecial, "\(text.debugDescription)")
        }
    }

    @Test(arguments: Fixture.tokenizers)
    func `decoding gives the reference implementation's text`(name: String) throws {
        let tokenizer = try Tokenizer(directory: Fixture.path(name))
        for example in try Fixture.TokenizerCase.all(name) {
            let decoded = tokenizer.decode(example.ids)
            #expect(Array(decoded.unicodeScalars) == Array(example.decoded.unicodeScalars))
            var stream = TextStream(tokenizer)
            let streamed = example.ids.map { stream.append($0) }.joined() + stream.finish()
            #expect(Array(streamed.unicodeScalars) == Array(decoded.unicodeScalars))
        }
    }

    @Test(arguments: Fixture.tokenizers)
    func `no text of a customer becomes a control token`(name: String) throws {
        let tokenizer = try Tokenizer(directory: Fixture.path(name))
        for example in try Fixture.TokenizerCase.all(name) {
            #expect(!tokenizer.encode(example.text).contains(where: tokenizer.isAdded))
        }
    }

    @Test func `a template's beginning is kept apart from the text`() throws {
        let tokenizer = try Tokenizer(directory: Fixture.path("tokenizer-llama3"))
        #expect(tokenizer.beginningOfSequence == [try #require(tokenizer.id(of: "<|begin_of_text|>"))])
        #expect(tokenizer.endOfSequence.isEmpty)
        #expect(!tokenizer.encode("hello").starts(with: tokenizer.beginningOfSequence))
    }
}
