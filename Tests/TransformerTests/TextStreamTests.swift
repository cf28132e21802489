import Testing

@testable import Transformer

@Suite struct TextStreamTests {
    @Test(arguments: ["tokenizer-llama2", "tokenizer-mistral"])
    func `the space that SentencePiece puts before a text is left out, and only that one`(name: String) throws {
        let tokenizer = try Tokenizer(directory: Fixture.path(name))
        let tokens = tokenizer.encode("The customer  pays")
        var start = TextStream(tokenizer)
        #expect(tokens.map { start.append($0) }.joined() + start.finish() == "The customer  pays")
        var middle = TextStream(tokenizer, continuing: true)
        #expect(tokens.map { middle.append($0) }.joined() + middle.finish() == " The customer  pays")
    }

    @Test func `a character spelled in bytes comes whole`() throws {
        let tokenizer = try Tokenizer(directory: Fixture.path("tokenizer-llama2"))
        let tokens = tokenizer.encode("a\u{1F9FE}b")
        try #require(tokens.count > 5)
        var stream = TextStream(tokenizer)
        let parts = tokens.map { stream.append($0) }
        #expect(parts.joined() + stream.finish() == "a\u{1F9FE}b")
        #expect(parts.contains("\u{1F9FE}"))
        #expect(!parts.contains { $0.contains("\u{FFFD}") })
    }

    @Test func `bytes that are never completed are a replacement character`() throws {
        let tokenizer = try Tokenizer(directory: Fixture.path("tokenizer-llama2"))
        var stream = TextStream(tokenizer, continuing: true)
        #expect(stream.append(3 + 0xF0).isEmpty)
        #expect(stream.append(3 + 0x9F).isEmpty)
        #expect(stream.finish() == "\u{FFFD}")
    }
}
