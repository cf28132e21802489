import Foundation

@testable import Transformer

/// A tokenizer file made of the byte alphabet and what a test adds.
struct TinyTokenizer {
    static let specials = ["<|end|>", "<|q|>"]

    var pattern = SplitPattern.expressions.first { $0.value == .qwen2 }?.key ?? ""
    /// Each of two tokens of the byte alphabet; what they make joins the vocabulary.
    var merges = [("h", "e"), ("l", "l"), ("he", "ll"), ("hell", "o"), ("Ġ", "w"), ("a", "a"), ("aa", "aa")]
    /// More members of an added token, by its content.
    var added: [(content: String, flags: [String: Any])] = Self.specials.map { ($0, ["special": true]) }
    /// Members put over those of the file.
    var overrides: [String: Any] = [:]
    /// Members put over those of the model.
    var modelOverrides: [String: Any] = [:]

    var file: [String: Any] {
        let words = ByteAlphabet.characters.map(String.init) + self.merges.map { $0.0 + $0.1 }
        let vocabulary = Dictionary(uniqueKeysWithValues: zip(words, self.added.count...))
        var model: [String: Any] = [
            "type": "BPE", "vocab": vocabulary, "merges": self.merges.map { "\($0.0) \($0.1)" },
        ]
        model.merge(self.modelOverrides) { $1 }
        var file: [String: Any] = [
            "version": "1.0",
            "added_tokens": self.added.enumerated().map { index, token in
                ["id": index, "content": token.content, "normalized": false].merging(token.flags) { $1 }
            },
            "pre_tokenizer": [
                "type": "Sequence",
                "pretokenizers": [
                    ["type": "Split", "pattern": ["Regex": self.pattern], "behavior": "Isolated", "invert": false],
                    ["type": "ByteLevel", "add_prefix_space": false, "use_regex": false],
                ],
            ],
            "decoder": ["type": "ByteLevel"], "model": model,
        ]
        file.merge(self.overrides) { $1 }
        return file
    }

    var data: Data { get throws { try JSONSerialization.data(withJSONObject: self.file, options: .sortedKeys) } }

    func make() throws -> Tokenizer {
        try self.data.withUnsafeBytes { bytes in
            try Tokenizer(TokenizerFile(JSON(parsing: bytes, source: "tokenizer.json"), path: "tokenizer.json"))
        }
    }
}
