import Foundation
import Testing

@testable import Transformer

@Suite struct TokenizerGGUFTests {
    /// The metadata that a converter makes of a `tokenizer.json`.
    private static func metadata(_ name: String, pre: String?) throws -> [String: GGUFValue] {
        let json = try JSON(contentsOf: "\(Fixture.path(name))/tokenizer.json", limit: 1 << 20)
        let model = try #require(json["model"])
        let ids = try #require(model["vocab"]?.entries)
        let added = try #require(json["added_tokens"]?.array)
        let count = (ids.compactMap(\.value.integer) + added.compactMap { $0["id"]?.integer }).max().map { $0 + 1 } ?? 0
        var tokens = [String](repeating: "", count: count)
        var types = [Int](repeating: 1, count: count)
        for entry in ids {
            let id = try #require(entry.value.integer)
            tokens[id] = entry.name
            if pre == nil, TokenSpellings.byte(of: Array(entry.name.utf8)) != nil { types[id] = 6 }
        }
        for token in added {
            let id = try #require(token["id"]?.integer)
            tokens[id] = try #require(token["content"]?.string)
            types[id] = 3
        }
        var metadata: [String: GGUFValue] = [
            "tokenizer.ggml.model": .string(pre == nil ? "llama" : "gpt2"), "tokenizer.ggml.tokens": .strings(tokens),
            "tokenizer.ggml.token_type": .integers(types), "tokenizer.ggml.bos_token_id": .integer(1),
        ]
        let merges = try #require(model["merges"]?.array)
        let sides = merges.map {
            $0.array?.compactMap(\.string) ?? $0.string?.split(separator: " ").map(String.init) ?? []
        }
        if let pre {
            metadata["tokenizer.ggml.pre"] = .string(pre)
            metadata["tokenizer.ggml.merges"] = .strings(sides.map { $0.joined(separator: " ") })
        } else {
            // The earlier a token is made, the higher is its score.
            var scores = [Double](repeating: -1e6, count: count)
            let numbers = Dictionary(zip(tokens.map { Array($0.utf8) }, 0...)) { first, _ in first }
            for (rank, pair) in sides.enumerated() {
                let id = try #require(numbers[Array(pair.joined().utf8)])
                scores[id] = max(scores[id], Double(-rank))
            }
            metadata["tokenizer.ggml.scores"] = .numbers(scores)
        }
        return metadata
    }

    @Test(arguments: [
        ("tokenizer-gpt2", "gpt-2"), ("tokenizer-llama3", "llama-bpe"), ("tokenizer-qwen2", "qwen2"),
        ("tokenizer-llama2", nil),
    ])
    func `a GGUF file's tokenizer gives the tokens of the one it was made of`(name: String, pre: String?) throws {
        let tokenizer = try Tokenizer(gguf: try Self.metadata(name, pre: pre), source: "model.gguf")
        for example in try Fixture.TokenizerCase.all(name) {
            #expect(tokenizer.encode(example.text) == example.ids, "\(example.text.debugDescription)")
            #expect(tokenizer.encode(example.text, special: true) == example.idsWithSpecial)
            #expect(tokenizer.decode(example.ids).unicodeScalars.elementsEqual(example.decoded.unicodeScalars))
        }
    }

    @Test func `sequences start as the family's do unless the file says otherwise`() throws {
        var metadata = try Self.metadata("tokenizer-llama2", pre: nil)
        #expect(try Tokenizer(gguf: metadata, source: "").beginningOfSequence == [1])
        metadata["tokenizer.ggml.add_bos_token"] = .bool(false)
        #expect(try Tokenizer(gguf: metadata, source: "").beginningOfSequence.isEmpty)
        #expect(
            try Tokenizer(gguf: Self.metadata("tokenizer-gpt2", pre: "gpt-2"), source: "").beginningOfSequence.isEmpty)
    }

    @Test(arguments: [
        ("tokenizer.ggml.model", GGUFValue.string("t5"), "t5"), ("tokenizer.ggml.pre", .string("klingon"), "klingon"),
        ("tokenizer.ggml.tokens", .strings([]), "tokens"), ("tokenizer.ggml.tokens", .integer(1 << 60), "tokens"),
        ("tokenizer.ggml.token_type", .integers([1]), "token_type"),
        ("tokenizer.ggml.merges", .strings(["a"]), "merge 0"),
        ("tokenizer.ggml.merges", .strings(["zz qq"]), "merge 0"),
        ("tokenizer.ggml.merges", .integer(3), "merges"), ("tokenizer.ggml.add_bos_token", .bool(true), "bos_token_id"),
    ])
    func `a tokenizer that would not be followed exactly is refused by name`(
        key: String, value: GGUFValue, mention: String
    ) throws {
        var metadata = try Self.metadata("tokenizer-gpt2", pre: "gpt-2")
        metadata["tokenizer.ggml.bos_token_id"] = .integer(1 << 40)
        metadata[key] = value
        let error = #expect(throws: TransformerError.self) { try Tokenizer(gguf: metadata, source: "model.gguf") }
        #expect(error?.message.contains(mention) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        ("tokenizer.ggml.scores", GGUFValue.numbers([.nan]), "scores"),
        ("tokenizer.ggml.scores", .string(""), "scores"),
        ("tokenizer.ggml.precompiled_charsmap", .integers([1]), "charsmap"),
        ("tokenizer.ggml.tokens", .strings(["a", "b"]), "token_type"),
    ])
    func `a SentencePiece vocabulary that is not whole is refused`(
        key: String, value: GGUFValue, mention: String
    ) throws {
        var metadata = try Self.metadata("tokenizer-llama2", pre: nil)
        metadata[key] = value
        let error = #expect(throws: TransformerError.self) { try Tokenizer(gguf: metadata, source: "model.gguf") }
        #expect(error?.message.contains(mention) == true, "\(error?.message ?? "")")
    }
}
