/// The tensors of a checkpoint, by the names that Hugging Face gives them, and where they lie.
struct Checkpoint: Sendable {
    /// How the files hold matrices.
    enum Layout: Sendable {
        /// As Hugging Face's checkpoints do: those of GPT-2 are transposed.
        case huggingFace
        /// See ``PackedLayout``.
        case packed
        /// Every matrix by rows of its outputs.
        case gguf
    }

    /// One file of it.
    struct File: Sendable {
        let memory: ReadOnlyMemory
        /// What comes before the tensors, in bytes.
        let headerSize: Int
    }

    private static let indexName = "model.safetensors.index.json"
    private static let maximumIndexSize = 16 << 20
    private static let maximumShards = 1024

    /// Every tensor by its name.
    let tensors: [String: StoredTensor]
    let layout: Layout
    /// In order of their names.
    let files: [File]

    init(tensors: [String: StoredTensor], layout: Layout, files: [File]) {
        (self.tensors, self.layout, self.files) = (tensors, layout, files)
    }

    /// Reads `model.safetensors`, or the shards that `model.safetensors.index.json` lists.
    init(directory: String) throws(TransformerError) {
        let single = "\(directory)/model.safetensors"
        let index = "\(directory)/\(Self.indexName)"
        if FileStatus.exists(single) {
            let file = try SafeTensors(path: single)
            self.init(
                tensors: file.tensors, layout: try PackedLayout.isUsed(by: file, path: single) ? .packed : .huggingFace,
                files: [File(memory: file.memory, headerSize: file.headerSize)])
        } else if FileStatus.exists(index) {
            let (tensors, files) = try Self.readShards(directory: directory, index: index)
            self.init(tensors: tensors, layout: .huggingFace, files: files)
        } else {
            throw TransformerError(
                .unreadable, "\(directory) holds neither model.safetensors nor \(Self.indexName).")
        }
    }

    private static func readShards(
        directory: String, index: String
    ) throws(TransformerError) -> ([String: StoredTensor], [File]) {
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
        var files: [File] = []
        for (shard, names) in namesByShard.sorted(by: { $0.key < $1.key }) {
            let path = "\(directory)/\(shard)"
            let file = try SafeTensors(path: path)
            guard try !PackedLayout.isUsed(by: file, path: path) else {
                throw TransformerError(.unsupported, "\(path) is packed; packed checkpoints are one file.")
            }
            guard Set(names) == Set(file.tensors.keys) else {
                throw TransformerError(.mismatch, "\(index) and \(shard) disagree about the tensors that it holds.")
            }
            tensors.merge(file.tensors) { first, _ in first }
            files.append(File(memory: file.memory, headerSize: file.headerSize))
        }
        return (tensors, files)
    }
}
