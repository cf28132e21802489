import Foundation
import Testing

/// `teller model …` as a program: what other programs read from it, and how it refuses.
@Suite(.serialized) struct ModelCommandTests {
    private struct Output {
        let status: Int32
        let text: String
        let errors: String

        func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
            try JSONDecoder().decode(Value.self, from: Data(self.text.utf8))
        }
    }

    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "TransformerTests/Fixtures").path(percentEncoded: false)

    private func run(_ arguments: [String]) async throws -> Output {
        let process = Process()
        process.executableURL = URL(filePath: WorkerWorld.program)
        process.arguments = ["model"] + arguments
        process.environment = ["PATH": "/usr/bin:/bin"]
        process.standardInput = FileHandle.nullDevice
        let folder = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (output, errors) = (folder.appending(path: "output"), folder.appending(path: "errors"))
        for file in [output, errors] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        while process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
        return Output(
            status: process.terminationStatus, text: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    private struct Expected: Decodable {
        let tokens: [Int]
        let greedy: [Int]

        init(_ name: String) throws {
            let file = URL(filePath: "\(ModelCommandTests.fixtures)/\(name)/expected.json")
            self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
        }

        var list: String { self.tokens.map(String.init).joined(separator: ",") }
    }

    private static let families = [
        "llama-gqa-bf16", "llama3-rope-tied-f32-sharded", "mistral-window-bf16", "qwen2-bias-tied-bf16", "qwen3-head-dim-bf16",
        "gpt2-bf16",
    ]

    @Test(.timeLimit(.minutes(2)), arguments: families)
    func `generate prints the reference's 64 greedy tokens, and logits one row a token`(_ name: String) async throws {
        struct Generated: Decodable { let ids: [Int], text: String }
        struct Row: Decodable { let logits: [Float] }
        struct Rows: Decodable { let logits: [[Float]] }
        let expected = try Expected(name)
        let checkpoint = ["--model", "\(Self.fixtures)/\(name)", "--tokens", expected.list, "--output", "json"]
        let generated = try await self.run(["generate", "--max-new-tokens", "64", "--greedy", "--ignore-eos"] + checkpoint)
        #expect(generated.status == 0 && generated.errors == "")
        #expect(try generated.json(Generated.self).ids == expected.greedy)

        let last = try await self.run(["logits"] + checkpoint).json(Row.self).logits
        let all = try await self.run(["logits", "--all"] + checkpoint).json(Rows.self).logits
        #expect(all.count == expected.tokens.count && all.last == last)
        #expect(all.allSatisfy { $0.count == last.count })
    }

    @Test(.timeLimit(.minutes(2)), arguments: ["tokenizer-gpt2", "tokenizer-llama3", "tokenizer-qwen2", "tokenizer-llama2", "tokenizer-mistral"])
    func `tokenize needs the tokenizer alone, and takes special tokens in a text for text unless told otherwise`(
        _ name: String
    ) async throws {
        struct Case: Decodable { let text: String, ids: [Int], ids_special: [Int] }
        struct Tokens: Decodable { let ids: [Int] }
        let cases = try JSONDecoder().decode(
            [Case].self, from: Data(contentsOf: URL(filePath: "\(Self.fixtures)/\(name)/expected.json")))
        let file = FileManager.default.temporaryDirectory.appending(path: "text-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        for example in [cases.first { $0.ids != $0.ids_special }, cases.max { $0.text.count < $1.text.count }].compactMap({ $0 }) {
            try Data(example.text.utf8).write(to: file)
            let options = ["--model", "\(Self.fixtures)/\(name)", "--text-file", file.path, "--output", "json"]
            #expect(try await self.run(["tokenize"] + options).json(Tokens.self).ids == example.ids)
            #expect(try await self.run(["tokenize", "--special"] + options).json(Tokens.self).ids == example.ids_special)
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: ["q8", "q4"])
    func `a checkpoint quantised ahead of time writes what one quantised on load does, in less memory`(_ weights: String) async throws {
        struct Generated: Decodable { let ids: [Int] }
        struct Info: Decodable { let weights: String, weight_bytes: Int, weight_bytes_by_format: [String: Int] }
        let (source, expected) = ("\(Self.fixtures)/qwen2-bias-tied-bf16", try Expected("qwen2-bias-tied-bf16"))
        let target = FileManager.default.temporaryDirectory.appending(path: "quantised-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: target) }
        #expect(try await self.run(["quantize", source, target, "--weights", weights]).status == 0)
        let generate = ["generate", "--tokens", expected.list, "--max-new-tokens", "32", "--greedy", "--ignore-eos", "--output", "json"]
        let onLoad = try await self.run(generate + ["--model", source, "--weights", weights]).json(Generated.self)
        let ahead = try await self.run(generate + ["--model", target]).json(Generated.self)
        #expect(ahead.ids == onLoad.ids && ahead.ids.count == 32)
        let info = try await self.run(["info", "--model", target, "--output", "json"]).json(Info.self)
        #expect(info.weights == weights)
        #expect(info.weight_bytes < (try #require(info.weight_bytes_by_format["bf16"])))
        // What is there already is not written over.
        #expect(try await self.run(["quantize", source, target, "--weights", weights]).status != 0)
    }

    @Test(.timeLimit(.minutes(2)), arguments: ["f32", "bf16", "q8", "q4"])
    func `bench prints a row for each batch, with rates, load time and peak memory`(_ weights: String) async throws {
        struct Report: Decodable {
            struct Row: Decodable {
                let batch: Int, prefill_tokens_per_second: Double, decode_tokens_per_second: Double, load_seconds: Double
                let peak_resident_bytes: Int
            }
            let rows: [Row]
        }
        let output = try await self.run([
            "bench", "--model", "\(Self.fixtures)/llama-gqa-bf16", "--weights", weights, "--prompt", "4", "--generate", "100", "--batch",
            "1,4", "--threads", "2", "--output", "json",
        ])
        let rows = try output.json(Report.self).rows
        #expect(rows.map(\.batch) == [1, 4])
        #expect(rows.allSatisfy { $0.prefill_tokens_per_second > 0 && $0.decode_tokens_per_second > 0 }, "\(output.text)")
        #expect(rows.allSatisfy { $0.load_seconds >= 0 })
        #expect(rows.allSatisfy { $0.peak_resident_bytes > 1 << 20 })
    }

    @Test(.timeLimit(.minutes(2)), arguments: [
        (["info", "--model", "/nonexistent"], 65, "/nonexistent"),
        (["tokenize", "--model", "\(fixtures)/llama-gqa-bf16", "text"], 65, "tokenizer.json"),
        (["generate", "--model", "\(fixtures)/llama-gqa-bf16", "--prompt", "text"], 65, "tokenizer"),
        (["logits", "--model", "\(fixtures)/llama-gqa-bf16", "--tokens", "9,99999999"], 65, "99999999"),
        (["logits", "--model", "\(fixtures)/llama-gqa-bf16", "--tokens", "1,,2"], 64, "--tokens"),
        (["generate", "--model", "\(fixtures)/llama-gqa-bf16", "--weights", "q9", "--tokens", "1"], 64, "q9"),
        (["generate", "--tokens", "1", "--prompt", "text"], 64, "--tokens or --prompt"),
    ])
    func `what cannot be done is refused with a status of its kind and the cause`(
        _ arguments: [String], _ status: Int, _ cause: String
    ) async throws {
        let output = try await self.run(arguments)
        #expect(Int(output.status) == status)
        #expect(output.errors.contains(cause))
        #expect(output.text == "")
    }
}
