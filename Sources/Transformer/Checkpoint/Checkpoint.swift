/// The tensors of a checkpoint directory: `model.safetensors`, or the shards that `model.safetensors.index.json` lists.
struct Checkpoint: Sendable {
    private static let indexName = "model.safetensors.index.json"
    private static let maximumIndexSize = 16 << 20
    private static let maximumShards = 1024

    /// Every tensor by its name.
    let tensors: [String: StoredTensor]
    /// The files in order of their names.
    let files: [SafeTensors]

    init(directory: String) throws(TransformerError) {
        let single = "\(directory)/model.safetensors"
        let index = "\(directory)/\(Self.indexName)"
        if FileStatus.exists(single) {
            let file = try SafeTensors(path: single)
            self.tensors = file.tensors
            self.files = [file]
        } else if FileStatus.exists(index) {
            (self.tensors, self.files) = try Self.readShards(directory: directory, index: index)
        } else {
            throw TransformerError(
                .unreadable, "\(directory) holds neither model.safetensors nor \(Self.indexName).")
        }
    }

    private static func readShards(
        directory: String, index: String
    ) throws(TransformerError) -> ([String: StoredTensor], [SafeTensors]) {
        let json = try JSON(contentsOf: index, limit: Self.maximumIndexSize)
        guard let map = json["weight_map"]?.object, !map.isEmpty else {
            throw TransformerError(.malformed, "\(index) has no weight_map.")
        }
        var namesByShard: [String: [String]] = [:]
        for (name, shard) in map {
            // A shard is a plain file name: an index must not reach outside its directory.
            guard let shard = shard.string, shard.hasSuffix(".safetensors"), !shard.hasPrefix("."),
                !shard.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
            else { throw TransformerError(.malformed, "\(index): a shard is not a .safetensors file name.") }
            namesByShard[shard, default: []].append(name)
        }
        guard namesByShard.count <= Self.maximumShards else {
            throw TransformerError(
                .limitExceeded, "\(index) lists \(namesByShard.count) shards; at most \(Self.maximumShards) are read.")
        }
        var tensors: [String: StoredTensor] = [:]
        var files: [SafeTensors] = []
        for (shard, names) in namesByShard.sorted(by: { $0.key < $1.key }) {
            let file = try SafeTensors(path: "\(directory)/\(shard)")
            guard Set(names) == Set(file.tensors.keys) else {
                throw TransformerError(.mismatch, "\(index) and \(shard) disagree about the tensors that it holds.")
            }
            tensors.merge(file.tensors) { first, _ in first }
            files.append(file)
        }
        return (tensors, files)
    }
}
