import Foundation
import Testing

@testable import Transformer

@Suite struct TokenizerTests {
    @Test func `merges are applied in the order they were learnt`() throws {
        let tokenizer = try TinyTokenizer().make()
        #expect(tokenizer.encode("hello").map(tokenizer.bytes(of:)) == [Array("hello".utf8)])
        #expect(
            tokenizer.encode("hell world").map(tokenizer.bytes(of:)).prefix(2) == [
                Array("hell".utf8), Array(" w".utf8),
            ])
        #expect(tokenizer.encode("aaaaa").map { tokenizer.bytes(of: $0).count } == [4, 1])
    }

    @Test func `merges written as pairs mean the same as merges written as text`() throws {
        var pairs = TinyTokenizer()
        pairs.modelOverrides["merges"] = pairs.merges.map { [$0.0, $0.1] }
        let text = "hello world, aaaa hell"
        #expect(try pairs.make().encode(text) == TinyTokenizer().make().encode(text))
    }

    @Test func `ignoring merges takes a word of the vocabulary whole`() throws {
        var tiny = TinyTokenizer()
        var vocabulary = try #require((tiny.file["model"] as? [String: Any])?["vocab"] as? [String: Any])
        vocabulary["xyz"] = vocabulary.count + 2
        tiny.modelOverrides["vocab"] = vocabulary
        #expect(try tiny.make().encode("xyz").count == 3)
        tiny.modelOverrides["ignore_merges"] = true
        #expect(try tiny.make().encode("xyz").count == 1)
    }

    @Test(arguments: [UInt64](1...8))
    func `decoding the tokens of any text gives the text back`(seed: UInt64) throws {
        let tokenizer = try TinyTokenizer().make()
        var generator = SplitMix64(seed: seed)
        for _ in 0..<40 {
            let text = Self.randomText(using: &generator)
            let tokens = tokenizer.encode(text)
            #expect(Array(tokenizer.decode(tokens).utf8) == Array(text.utf8), "\(text.debugDescription)")
            #expect(tokenizer.encode(tokenizer.decode(tokens)) == tokens)
            var stream = TextStream(tokenizer)
            let parts = tokens.map { stream.append($0) } + [stream.finish()]
            #expect(Array(parts.joined().utf8) == Array(text.utf8))
            #expect(!parts.contains { $0.contains("\u{FFFD}") } || text.contains("\u{FFFD}"))
        }
    }

    private static func randomText(using generator: inout SplitMix64) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<40, using: &generator) {
            let limits: [UInt32] = [0x80, 0x80, 0x300, 0x3000, 0xFFFF, 0x10FFFF]
            let limit = limits.randomElement(using: &generator) ?? 0x80
            if let scalar = Unicode.Scalar(UInt32.random(in: 0...limit, using: &generator)) { scalars.append(scalar) }
        }
        return String(scalars) + (Bool.random(using: &generator) ? "<|q|>" : "it's")
    }

    @Test func `control tokens are text unless asked for`() throws {
        let tokenizer = try TinyTokenizer().make()
        let text = "a<|q|>b<|end|>"
        #expect(!tokenizer.encode(text).contains(where: tokenizer.isSpecial))
        #expect(tokenizer.decode(tokenizer.encode(text)) == text)
        let tokens = tokenizer.encode(text, special: true)
        #expect(tokens.filter(tokenizer.isSpecial) == [1, 0])
        #expect(tokens.count == 4)
        #expect(tokenizer.decode(tokens) == text)
    }

    @Test func `an added token takes the white space it strips`() throws {
        let tiny = TinyTokenizer(added: [
            ("<l>", ["special": true, "lstrip": true]), ("<r>", ["special": true, "rstrip": true]),
            ("word", ["single_word": true]), ("<l><r>", ["special": true]),
        ])
        let tokenizer = try tiny.make()
        #expect(tokenizer.decode(tokenizer.encode("a  <l> b", special: true)) == "a<l> b")
        #expect(tokenizer.decode(tokenizer.encode("a <r>  b", special: true)) == "a <r>b")
        #expect(tokenizer.encode("<l><r>", special: true) == [3])
        #expect(tokenizer.encode("a word!", special: true).contains(2))
        #expect(!tokenizer.encode("swords words", special: true).contains(2))
    }

    @Test func `a token that cuts a character yields no text until the character is whole`() throws {
        let tokenizer = try TinyTokenizer().make()
        var stream = TextStream(tokenizer)
        let parts = tokenizer.encode("a€😀").map { stream.append($0) }
        #expect(parts == ["a", "", "", "€", "", "", "", "😀"])
        _ = stream.append(tokenizer.encode("😀")[0])
        #expect(stream.finish() == "\u{FFFD}")
        #expect(stream.finish().isEmpty)
    }

    @Test func `ids outside the vocabulary are no text`() throws {
        let tokenizer = try TinyTokenizer().make()
        #expect(tokenizer.decode([-1, TokenID(tokenizer.vocabularySize), .max]).isEmpty)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a word of a hundred thousand letters takes no more than its share of time`() throws {
        let tokenizer = try TinyTokenizer().make()
        let tokens = tokenizer.encode(String(repeating: "a", count: 100_000))
        #expect(tokens.count == 25_000)
    }
}
