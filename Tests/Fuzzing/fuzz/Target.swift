import Foundation
import Transformer

/// One kind of file: where it lies in a checkpoint, what it is made from, and what was found.
struct Target {
    let name: String
    /// The file that is changed, within the working directory.
    let file: String
    /// What is loaded, within the working directory.
    let loaded: String
    let seeds: [[UInt8]]
    /// Bytes at the start that are changed most of the time.
    let header: Int
    /// Whether the tokenizer alone is loaded.
    var isTokenizer = false
    var accepted = 0
    var refused = 0
    var slowest = Duration.zero

    /// Loads what was written, and has a tokenizer read and write a text.
    func load(from directory: String) throws {
        let path = "\(directory)/\(self.loaded)"
        let tokenizer = self.isTokenizer ? try Tokenizer.load(path: path) : try LanguageModel.load(path: path).tokenizer
        let tokens = tokenizer.encode(Self.text, special: true) + tokenizer.encode(Self.text)
        _ = tokenizer.decode(tokens)
    }

    private static let text = "It's 1,234.50 USD — 余额是多少？\u{1F44B}\u{1F3FD} e\u{301} <s> </s> <|im_start|>\t\r\n  let x = [0]\u{0}\u{FFFD}"

    static func all(fixtures: String, directory: String) throws -> [Target] {
        func read(_ name: String) throws -> [UInt8] {
            try Array(Data(contentsOf: URL(filePath: "\(fixtures)/\(name)")))
        }
        func prepare(_ name: String, _ files: [String], from source: String) throws {
            try FileManager.default.createDirectory(
                atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
            for file in files {
                try Data(read("\(source)/\(file)")).write(to: URL(filePath: "\(directory)/\(name)/\(file)"))
            }
        }
        try prepare("safetensors", ["config.json"], from: "llama-gqa-bf16")
        try prepare("packed", ["config.json"], from: "llama-gqa-bf16")
        try prepare("config", ["model.safetensors"], from: "qwen2-bias-tied-bf16")
        try prepare("tokenizer", [], from: "llama-gqa-bf16")
        let shards = (1...2).map { "model-0000\($0)-of-00002.safetensors" }
        try prepare("index", ["config.json"] + shards, from: "llama3-rope-tied-f32-sharded")
        let quantised = "\(directory)/quantised-\(ProcessInfo.processInfo.processIdentifier)"
        try QuantizedCheckpoint.write(from: "\(fixtures)/llama-gqa-bf16", to: quantised, weights: .q4)
        let packed = Array(try Data(contentsOf: URL(filePath: "\(quantised)/model.safetensors")))
        try FileManager.default.removeItem(atPath: quantised)
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(fixtures)/gguf").filter {
            $0.hasSuffix(".gguf")
        }
        let families = [
            "llama-gqa-bf16", "llama3-rope-tied-bf16", "mistral-window-bf16", "qwen2-bias-tied-bf16", "gpt2-bf16",
        ]
        return [
            Target(
                name: "safetensors", file: "safetensors/model.safetensors", loaded: "safetensors",
                seeds: try families.map { try read("\($0)/model.safetensors") }, header: 3000),
            Target(
                name: "packed safetensors", file: "packed/model.safetensors", loaded: "packed", seeds: [packed],
                header: 4000),
            Target(
                name: "config.json", file: "config/config.json", loaded: "config",
                seeds: try families.map { try read("\($0)/config.json") }, header: 2000),
            Target(
                name: "tokenizer.json", file: "tokenizer/tokenizer.json", loaded: "tokenizer",
                seeds: try ["gpt2", "llama2", "llama3", "mistral", "qwen2"].map { try read("tokenizer-\($0)/tokenizer.json") },
                header: 4000, isTokenizer: true),
            Target(
                name: "index.json", file: "index/model.safetensors.index.json", loaded: "index",
                seeds: [try read("llama3-rope-tied-f32-sharded/model.safetensors.index.json")], header: 2000),
            Target(
                name: "GGUF", file: "gguf.gguf", loaded: "gguf.gguf", seeds: try files.map { try read("gguf/\($0)") },
                header: 1500),
        ]
    }
}
