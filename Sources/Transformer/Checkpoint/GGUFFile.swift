/// One file in the GGUF format: a header, metadata, the tensors' descriptions, then their bytes, aligned.
///
/// Everything the header says is checked before it is used: the tensors must lie one after the other, padded to the
/// alignment, and end with the file.
struct GGUFFile: Sendable {
    private static let maximumEntries = 1 << 16
    private static let maximumRank = 4
    private static let alignments = 8...1 << 20

    /// Every value by its key.
    let metadata: [String: GGUFValue]
    /// Every tensor by the name that the file gives it.
    let tensors: [String: StoredTensor]
    /// What comes before the tensors' bytes, in bytes.
    let headerSize: Int
    let memory: ReadOnlyMemory

    init(path: String) throws(TransformerError) {
        let memory = try ReadOnlyMemory(mapping: path)
        self.memory = memory
        (self.metadata, self.tensors, self.headerSize) = try memory.withBytes { bytes throws(TransformerError) in
            var reader = GGUFReader(bytes, path: path)
            let tensorCount = try Self.readPreamble(&reader, path: path)
            let metadata = try Self.readMetadata(&reader, path: path)
            let (tensors, start) = try Self.readTensors(
                &reader, count: tensorCount, alignment: Self.alignment(metadata, path: path), memory: memory,
                path: path)
            return (metadata, tensors, start)
        }
    }

    /// Whether the file says how text becomes its tokens.
    var hasTokenizer: Bool { self.metadata["tokenizer.ggml.model"].map { $0 != .string("none") } ?? false }

    /// Magic and version; returns the number of tensors.
    private static func readPreamble(_ reader: inout GGUFReader, path: String) throws(TransformerError) -> Int {
        guard try reader.read(UInt32.self) == 0x4655_4747 else {
            throw reader.malformed("it does not begin with \"GGUF\"")
        }
        let version = try reader.read(UInt32.self)
        guard version == 2 || version == 3 else {
            let name = version.byteSwapped <= 3 ? "big-endian" : "version \(version)"
            throw TransformerError(
                .unsupported, "\(path) is \(name) GGUF; supported: versions 2 and 3, little-endian.")
        }
        // A name's length, a rank, a type and an offset.
        return try reader.readCount(of: "tensors", minimumSize: 24, limit: Self.maximumEntries)
    }

    private static func readMetadata(
        _ reader: inout GGUFReader, path: String
    ) throws(TransformerError) -> [String: GGUFValue] {
        let count = try reader.readCount(of: "metadata values", minimumSize: 13, limit: Self.maximumEntries)
        var metadata: [String: GGUFValue] = [:]
        for _ in 0..<count {
            let key = try reader.readString()
            let value = try reader.readValue(of: key)
            guard metadata.updateValue(value, forKey: key) == nil else {
                throw reader.malformed("the metadata \"\(key.prefix(80))\" occurs twice")
            }
        }
        guard metadata["split.count"]?.integer ?? 1 <= 1 else {
            throw TransformerError(
                .unsupported, "\(path) is one part of a split GGUF file; merge the parts (llama-gguf-split --merge).")
        }
        return metadata
    }

    private static func alignment(
        _ metadata: [String: GGUFValue], path: String
    ) throws(TransformerError) -> Int {
        guard let value = metadata["general.alignment"] else { return 32 }
        guard let alignment = value.integer, Self.alignments.contains(alignment), alignment & (alignment - 1) == 0
        else {
            throw TransformerError(
                .malformed,
                "\(path): general.alignment must be a power of two from \(Self.alignments.lowerBound) to "
                    + "\(Self.alignments.upperBound).")
        }
        return alignment
    }

    /// The descriptions, and where the tensors' bytes begin.
    private static func readTensors(
        _ reader: inout GGUFReader, count: Int, alignment: Int, memory: ReadOnlyMemory, path: String
    ) throws(TransformerError) -> ([String: StoredTensor], start: Int) {
        var descriptions: [GGUFTensor] = []
        for _ in 0..<count { descriptions.append(try GGUFTensor(&reader, maximumRank: Self.maximumRank, path: path)) }
        let start = Self.aligned(reader.offset, alignment)
        var (tensors, position): ([String: StoredTensor], Int) = ([:], start)
        for description in descriptions.sorted(by: { ($0.offset, $0.size) < ($1.offset, $1.size) }) {
            let label = "tensor \"\(description.name.prefix(120))\""
            guard description.offset <= memory.count - start,
                description.size <= memory.count - start - description.offset
            else { throw reader.malformed("the \(label) lies outside the file") }
            guard start + description.offset == position else {
                let problem = start + description.offset < position ? "overlaps the one before it" : "follows a gap"
                throw reader.malformed("the \(label) \(problem)")
            }
            let range = position..<position + description.size
            position = Self.aligned(range.upperBound, alignment)
            let tensor = StoredTensor(
                name: description.name, type: description.type, shape: description.shape, memory: memory, range: range)
            guard tensors.updateValue(tensor, forKey: tensor.name) == nil else {
                throw reader.malformed("the \(label) occurs twice")
            }
        }
        // The last tensor's padding may be left out.
        guard memory.count <= position else {
            throw reader.malformed("the tensors end at byte \(position), the file at byte \(memory.count)")
        }
        return (tensors, start)
    }

    private static func aligned(_ offset: Int, _ alignment: Int) -> Int {
        (offset + alignment - 1) & ~(alignment - 1)
    }
}
