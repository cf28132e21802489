import Foundation
import Testing

@testable import Transformer

@Suite struct TokenizerFileTests {
    /// A spoilt tokenizer file and what its error must name.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let mention: String
        let make: @Sendable () -> TinyTokenizer

        init(_ name: String, mention: String, _ change: @escaping @Sendable (inout TinyTokenizer) -> Void) {
            self.name = name
            self.mention = mention
            self.make = {
                var tokenizer = TinyTokenizer()
                change(&tokenizer)
                return tokenizer
            }
        }

        var testDescription: String { self.name }
    }

    static let cases = [
        Case("another model", mention: "Unigram") { $0.modelOverrides["type"] = "Unigram" },
        Case("another pre-tokenizer", mention: "Metaspace") { $0.overrides["pre_tokenizer"] = ["type": "Metaspace"] },
        Case("no pre-tokenizer", mention: "pre_tokenizer") { $0.overrides["pre_tokenizer"] = NSNull() },
        Case("another split pattern", mention: #"\p{Han}"#) { $0.pattern = #"\p{Han}+|\s+"# },
        Case("a prefix space", mention: "add_prefix_space") {
            $0.overrides["pre_tokenizer"] = ["type": "ByteLevel", "add_prefix_space": true]
        },
        Case("another normalizer", mention: "Lowercase") { $0.overrides["normalizer"] = ["type": "Lowercase"] },
        Case("another decoder", mention: "WordPiece") { $0.overrides["decoder"] = ["type": "WordPiece"] },
        Case("another post-processor", mention: "Roberta") {
            $0.overrides["post_processor"] = ["type": "RobertaProcessing"]
        },
        Case("truncation", mention: "truncation") { $0.overrides["truncation"] = ["max_length": 8] },
        Case("byte fallback without SentencePiece's spaces", mention: "Metaspace") {
            $0.modelOverrides["byte_fallback"] = true
        },
        Case("a word suffix", mention: "end_of_word_suffix") { $0.modelOverrides["end_of_word_suffix"] = "</w>" },
        Case("dropout", mention: "dropout") { $0.modelOverrides["dropout"] = 0.1 },
        Case("no vocabulary", mention: "vocabulary") { $0.modelOverrides["vocab"] = NSNull() },
        Case("a vocabulary that lacks bytes", mention: "byte") {
            $0.modelOverrides["vocab"] = ["a": 100]
        },
        Case("a huge id", mention: "id") { $0.modelOverrides["vocab"] = ["a": 2_000_000_000] },
        Case("a negative id", mention: "id") { $0.modelOverrides["vocab"] = ["a": -1] },
        Case("an id that is text", mention: "id") { $0.modelOverrides["vocab"] = ["a": "1"] },
        Case("a merge of unknown tokens", mention: "merge 0") { $0.modelOverrides["merges"] = ["qq zz"] },
        Case("a merge of three", mention: "merge 0") { $0.modelOverrides["merges"] = ["a a a"] },
        Case("a merge that is a number", mention: "merge 0") { $0.modelOverrides["merges"] = [17] },
        Case("two added tokens of one id", mention: "id 0") { $0.added = [("<a>", ["id": 0]), ("<b>", ["id": 0])] },
        Case("an added token over another", mention: "id 100") { $0.added = [("<a>", ["id": 100])] },
        Case("an added token without text", mention: "added token") { $0.added = [("", [:])] },
        Case("an added token far away", mention: "added token") { $0.added = [("<a>", ["id": 1 << 40])] },
    ]

    @Test(.timeLimit(.minutes(1)), arguments: cases)
    func `a tokenizer that would not be followed exactly is refused by name`(example: Case) {
        let error = #expect(throws: TransformerError.self) { try example.make().make() }
        #expect(error?.message.contains(example.mention) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{\"model\": 1}", "{\"a\":1,\"a\":2}", "{\"a\":\"\\ud800\"}", "\u{FEFF}{}", "{} {}",
    ])
    func `a file that is no tokenizer is refused`(text: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write(text, to: "tokenizer.json")
        #expect(throws: TransformerError.self) { try Tokenizer(directory: directory.path) }
    }
}
