import Foundation
import Testing

@testable import Transformer

/// What a customer writes stays text, whatever it spells.
@Suite struct TokenizerSafetyTests {
    private static func added(_ name: String) throws -> [String] {
        let data = try Data(contentsOf: URL(filePath: "\(Fixture.path(name))/tokenizer.json"))
        let file = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let tokens = try #require(file["added_tokens"] as? [[String: Any]])
        return tokens.compactMap { $0["content"] as? String }
    }

    @Test(arguments: Fixture.tokenizers)
    func `no spelling of an added token becomes it`(name: String) throws {
        let tokenizer = try Tokenizer(directory: Fixture.path(name))
        let added = try Self.added(name)
        try #require(!added.isEmpty)
        for token in added {
            for text in [token, " \(token)", "a\(token)b", "\(token)\(token)", "\n\(token) 余额"] {
                #expect(!tokenizer.encode(text).contains(where: tokenizer.isAdded), "\(text)")
                #expect(tokenizer.encode(text, special: true).contains(where: tokenizer.isAdded), "\(text)")
            }
        }
    }

    @Test(arguments: [false, true])
    func `merges that lead to a control token are not made`(ignoresMerges: Bool) throws {
        var tiny = TinyTokenizer(merges: [("h", "e"), ("he", "y")], added: [])
        let ids = try #require((tiny.file["model"] as? [String: Any])?["vocab"] as? [String: Int])
        let control = try #require(ids["hey"])
        tiny.overrides["added_tokens"] = [["id": control, "content": "hey", "special": true, "normalized": false]]
        tiny.modelOverrides["ignore_merges"] = ignoresMerges
        let tokenizer = try tiny.make()
        #expect(tokenizer.encode("hey").count == 2)
        #expect(tokenizer.encode("hey", special: true) == [TokenID(control)])
    }
}
