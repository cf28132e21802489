import Foundation

@testable import Transformer

/// What Hugging Face's own code computed from a checkpoint or a tokenizer; see `Fixtures/make_fixtures.py`.
enum Fixture {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func path(_ name: String) -> String { self.directory.appending(path: name).path(percentEncoded: false) }

    /// One checkpoint of each family, in the formats and forms that are supported.
    static let checkpoints = [
        "llama-gqa-f32", "llama-gqa-bf16", "llama3-rope-tied-f32-sharded", "llama3-rope-tied-bf16",
        "mistral-window-bf16", "qwen2-bias-tied-bf16", "qwen3-head-dim-bf16", "gpt2-bf16",
    ]
    static let tokenizers = [
        "tokenizer-gpt2", "tokenizer-llama3", "tokenizer-qwen2", "tokenizer-llama2", "tokenizer-mistral",
    ]

    struct Checkpoint: Decodable {
        let tokens: [TokenID]
        let greedy: [TokenID]

        init(_ name: String) throws {
            let data = try Data(contentsOf: URL(filePath: "\(Fixture.path(name))/expected.json"))
            self = try JSONDecoder().decode(Self.self, from: data)
        }

        /// One row a token.
        func logits(_ name: String) throws -> [[Float]] {
            let data = try Data(contentsOf: URL(filePath: "\(Fixture.path(name))/logits.bin"))
            let numbers = data.withUnsafeBytes { bytes in
                (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
            }
            let width = numbers.count / self.tokens.count
            return self.tokens.indices.map { Array(numbers[$0 * width..<($0 + 1) * width]) }
        }
    }

    struct TokenizerCase: Decodable {
        let text: String
        let ids: [TokenID]
        let idsWithSpecial: [TokenID]
        let decoded: String

        enum CodingKeys: String, CodingKey {
            case text, ids, decoded
            case idsWithSpecial = "ids_special"
        }

        static func all(_ name: String) throws -> [Self] {
            let data = try Data(contentsOf: URL(filePath: "\(Fixture.path(name))/expected.json"))
            return try JSONDecoder().decode([Self].self, from: data)
        }
    }
}

/// The largest difference between two rows of numbers.
func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
    guard left.count == right.count else { return .infinity }
    return zip(left, right).map { difference in
        let distance = abs(difference.0 - difference.1)
        return distance.isNaN ? .infinity : distance
    }.max() ?? 0
}

/// The root of the mean squared difference, as a share of the reference's own root mean square.
func relativeError(_ rows: [[Float]], _ reference: [[Float]]) -> Double {
    var (error, size) = (0.0, 0.0)
    for (row, referenceRow) in zip(rows, reference) {
        for (value, expected) in zip(row, referenceRow) {
            error += Double(value - expected) * Double(value - expected)
            size += Double(expected) * Double(expected)
        }
    }
    return (error / size).squareRoot()
}
