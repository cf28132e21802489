import Testing

@testable import Transformer

@Suite struct SplitPatternTests {
    private static func pieces(_ text: String, _ patterns: SplitPattern...) -> [String] {
        var text = text
        return text.withUTF8 { bytes in
            ScalarClassTable.shared.scan(bytes) { text in
                var pieces: [String] = []
                PreTokenizer.patterns(patterns).forEachPiece(of: text) { piece in
                    pieces.append(String(decoding: bytes[piece], as: UTF8.self))
                }
                return pieces
            }
        }
    }

    @Test(arguments: [
        ("it's 'TIS", ["it", "'s", " '", "TIS"]),
        ("a1234  b", ["a", "1234", " ", " b"]),
        ("x\n\n y", ["x", "\n\n", " y"]),
        ("!!! ok\r\n", ["!!!", " ok", "\r\n"]),
        ("  ", ["  "]),
        ("", []),
    ])
    func `GPT-2 keeps numbers whole and puts one space before a word`(text: String, expected: [String]) {
        #expect(Self.pieces(text, .gpt2) == expected)
    }

    @Test(arguments: [
        ("It'S you'LL", ["It", "'S", " you", "'LL"]),
        ("a12345", ["a", "123", "45"]),
        ("x.\n\n y", ["x", ".\n\n", " y"]),
        ("(ab)", ["(ab", ")"]),
        ("  \n  z", ["  \n", " ", " z"]),
        ("'\u{17F}a", ["'\u{17F}", "a"]),
        ("中文，好", ["中文", "，好"]),
    ])
    func `Llama 3 takes digits in threes`(text: String, expected: [String]) {
        #expect(Self.pieces(text, .llama3) == expected)
    }

    @Test func `Qwen2 takes digits one by one`() {
        #expect(Self.pieces("a 123", .qwen2) == ["a", " ", "1", "2", "3"])
    }

    @Test func `patterns cut the pieces of the pattern before them`() {
        #expect(Self.pieces("ab12 cd", .digits(individual: true), .gpt2) == ["ab", "1", "2", " cd"])
        #expect(Self.pieces("ab12 cd", .digits(individual: false), .gpt2) == ["ab", "12", " cd"])
    }
}
