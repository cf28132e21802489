import Foundation
import Testing

@testable import Transformer

@Suite struct ShardedCheckpointTests {
    /// The tiny checkpoint in two shards, and the index that names them.
    private static func write(
        to directory: TemporaryDirectory, _ change: (inout [String: String]) -> Void = { _ in }
    ) throws {
        try TinyCheckpoint().write(to: directory)
        let whole = TinyCheckpoint().weights
        var shards = ["a.safetensors": SafeTensorsBuilder(), "b.safetensors": SafeTensorsBuilder()]
        var map: [String: String] = [:]
        for (name, entry) in whole.header {
            guard let shape = entry["shape"] as? [Int], let offsets = entry["data_offsets"] as? [Int] else { continue }
            let values = whole.body[offsets[0]..<offsets[1]].withUnsafeBytes { bytes in
                (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
            }
            let shard = name.contains("layers.1") ? "b.safetensors" : "a.safetensors"
            shards[shard]?.add(name, shape: shape, values)
            map[name] = shard
        }
        change(&map)
        try FileManager.default.removeItem(atPath: "\(directory.path)/model.safetensors")
        for (name, builder) in shards { try directory.write(builder.data, to: name) }
        try directory.write(
            JSONSerialization.data(withJSONObject: ["metadata": ["total_size": 1], "weight_map": map]),
            to: "model.safetensors.index.json")
    }

    @Test func `shards are one checkpoint`() async throws {
        let directory = try TemporaryDirectory()
        try Self.write(to: directory)
        let sharded = InferenceEngine(model: try LanguageModel.load(directory: directory.path), threads: 1)
        let single = InferenceEngine(model: try TinyCheckpoint.shared.get(), threads: 1)
        #expect(try await sharded.logits([5, 6, 7]) == single.logits([5, 6, 7]))
        #expect(sharded.model.parameterCount == single.model.parameterCount)
    }

    @Test(arguments: [
        "../a.safetensors", "/etc/a.safetensors", "a.bin", ".a.safetensors", "c.safetensors", "b.safetensors",
    ])
    func `an index that points elsewhere is refused`(shard: String) throws {
        let directory = try TemporaryDirectory()
        try Self.write(to: directory) { $0["model.norm.weight"] = shard }
        #expect(throws: TransformerError.self) { try LanguageModel.load(directory: directory.path) }
    }

    @Test(arguments: ["{}", "{\"weight_map\": {}}", "{\"weight_map\": []}", "{\"weight_map\": {\"a\": 1}}", "["])
    func `an index without a map is refused`(text: String) throws {
        let directory = try TemporaryDirectory()
        try Self.write(to: directory)
        try directory.write(text, to: "model.safetensors.index.json")
        #expect(throws: TransformerError.self) { try LanguageModel.load(directory: directory.path) }
    }
}
