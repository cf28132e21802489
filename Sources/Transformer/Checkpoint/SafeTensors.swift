/// One file in the safetensors format: 8 bytes of header length (little-endian), a JSON header, the tensors' bytes.
///
/// Everything the header says is checked before it is used: the tensors must cover the rest of the file exactly, one
/// after the other. Format: https://github.com/huggingface/safetensors#format.
struct SafeTensors: Sendable {
    /// Some thirty thousand tensors; the largest models of these families have some two thousand.
    private static let maximumHeaderSize = 8 << 20
    fileprivate static let maximumRank = 8

    let tensors: [String: StoredTensor]
    /// The texts of `__metadata__`.
    let metadata: [String: String]
    /// The length field and the header.
    let headerSize: Int
    let memory: ReadOnlyMemory

    init(path: String) throws(TransformerError) {
        let memory = try ReadOnlyMemory(mapping: path)
        let (headerSize, header) = try memory.withBytes { bytes throws(TransformerError) in
            try Self.readHeader(of: bytes, path: path)
        }
        var tensors: [StoredTensor] = []
        for (name, entry) in header where name != "__metadata__" {
            tensors.append(try StoredTensor(name: name, entry: entry, base: headerSize, memory: memory, path: path))
        }
        try Self.checkLayout(of: tensors, from: headerSize, to: memory.count, path: path)
        self.tensors = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0) })
        self.metadata = header["__metadata__"]?.object?.compactMapValues(\.string) ?? [:]
        self.headerSize = headerSize
        self.memory = memory
    }

    private static func readHeader(
        of bytes: UnsafeRawBufferPointer, path: String
    ) throws(TransformerError) -> (size: Int, members: [String: JSON]) {
        guard bytes.count >= 8 else { throw .malformed(path, "it ends inside the header's length") }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(Self.maximumHeaderSize) else {
            throw TransformerError(
                .limitExceeded, "\(path): a header of \(length) bytes is longer than \(Self.maximumHeaderSize).")
        }
        let size = 8 + Int(length)
        guard size <= bytes.count else { throw .malformed(path, "it ends inside the header") }
        guard length > 0, bytes[8] == UInt8(ascii: "{") else { throw .malformed(path, "the header is no JSON object") }
        let header = try JSON(parsing: UnsafeRawBufferPointer(rebasing: bytes[8..<size]), source: "\(path): the header")
        guard let members = header.object else { throw .malformed(path, "the header is no JSON object") }
        if let metadata = header["__metadata__"] {
            guard let texts = metadata.object, texts.values.allSatisfy({ $0.string != nil }) else {
                throw .malformed(path, "__metadata__ is not an object of strings")
            }
        }
        return (size, members)
    }

    /// Tensors may not overlap and may leave no gap.
    private static func checkLayout(
        of tensors: [StoredTensor], from start: Int, to end: Int, path: String
    ) throws(TransformerError) {
        var position = start
        let inOrder = tensors.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        for tensor in inOrder {
            guard tensor.range.lowerBound == position else {
                let problem = tensor.range.lowerBound < position ? "overlaps the tensor before it" : "follows a gap"
                throw .malformed(path, "\(tensor.label) \(problem)")
            }
            position = tensor.range.upperBound
        }
        guard position == end else {
            throw .malformed(path, "the tensors end at byte \(position), the file at byte \(end)")
        }
    }
}

extension StoredTensor {
    /// The name, short enough for a message.
    var label: String { Self.label(self.name) }

    static func label(_ name: String) -> String { "tensor \"\(name.prefix(120))\"" }

    fileprivate init(
        name: String, entry: JSON, base: Int, memory: ReadOnlyMemory, path: String
    ) throws(TransformerError) {
        let label = Self.label(name)
        guard let typeName = entry["dtype"]?.string, let dimensions = entry["shape"]?.array,
            let offsets = entry["data_offsets"]?.array
        else { throw .malformed(path, "\(label) lacks dtype, shape or data_offsets") }
        guard let type = ElementType(rawValue: typeName), type.blockLength == 1 else {
            throw .malformed(path, "\(label) has the unknown dtype \"\(typeName.prefix(40))\"")
        }
        guard dimensions.count <= SafeTensors.maximumRank else {
            throw TransformerError(
                .limitExceeded, "\(path): \(label) has rank \(dimensions.count); at most \(SafeTensors.maximumRank).")
        }
        var size = type.blockSize
        var shape: [Int] = []
        for dimension in dimensions {
            guard let dimension = dimension.integer, dimension >= 0 else {
                throw .malformed(path, "\(label) has a shape that is not made of whole numbers")
            }
            let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
            guard !overflow else { throw .malformed(path, "\(label) has a shape too large to be true") }
            size = product
            shape.append(dimension)
        }
        guard offsets.count == 2, let lower = offsets[0].integer, let upper = offsets[1].integer, lower >= 0,
            lower <= upper, upper <= memory.count - base
        else { throw .malformed(path, "\(label) has data_offsets outside the file") }
        guard upper - lower == size else {
            throw .malformed(path, "\(label) has \(upper - lower) bytes; its shape and dtype make \(size)")
        }
        guard (base + lower) % type.blockSize == 0 else {
            throw .malformed(path, "\(label) is not aligned to its elements")
        }
        self.init(name: name, type: type, shape: shape, memory: memory, range: base + lower..<base + upper)
    }
}

extension TransformerError {
    fileprivate static func malformed(_ path: String, _ reason: String) -> Self {
        Self(.malformed, "\(path) is not a valid safetensors file: \(reason).")
    }
}
