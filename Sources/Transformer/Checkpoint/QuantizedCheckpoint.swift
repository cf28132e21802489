/// A checkpoint whose matrices are quantised ahead of time, in the layout of the kernels: loading it maps the file.
///
/// It is a directory as Hugging Face's are, of which `model.safetensors` holds packed matrices and F32 vectors.
public enum QuantizedCheckpoint {
    /// What a checkpoint's directory holds beside its weights.
    private static let documents = [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
        "chat_template.jinja",
    ]
    /// Tensors begin where a cache line does.
    private static let alignment = 64

    /// Quantises a Hugging Face checkpoint.
    ///
    /// The new directory appears under its name only when all of it is on the disk.
    ///
    /// - Parameters:
    ///   - source: The directory of the checkpoint.
    ///   - directory: The directory to make; nothing may be there yet.
    ///   - weights: ``WeightFormat/q8`` or ``WeightFormat/q4``.
    ///   - progress: Hears which share of the weights is quantised, on the calling thread.
    public static func write(
        from source: String, to directory: String, weights: WeightFormat,
        progress: (@Sendable (Double) -> Void)? = nil
    ) throws(TransformerError) {
        guard weights.isPacked else {
            throw TransformerError(
                .invalidRequest, "A checkpoint is quantised to q8 or q4; \(weights.rawValue) is not quantised.")
        }
        guard FileStatus.isDirectory(source) else {
            throw TransformerError(
                .unsupported, "\(source) is no directory; GGUF files are loaded as they are, not quantised again.")
        }
        let configuration = try ModelConfiguration(directory: source)
        let checkpoint = try Checkpoint(directory: source)
        guard checkpoint.layout != .packed else {
            throw TransformerError(.unsupported, "\(source) is quantised already; quantise the original checkpoint.")
        }
        try FileOutput.writeDirectory(directory) { temporary throws(TransformerError) in
            for name in Self.documents where FileStatus.exists("\(source)/\(name)") {
                let file = try FileOutput(creating: "\(temporary)/\(name)")
                try ReadOnlyMemory(mapping: "\(source)/\(name)").withBytes { bytes throws(TransformerError) in
                    try file.write(bytes)
                }
                try file.synchronize()
            }
            var map = WeightMap(checkpoint, format: weights, progress: progress)
            _ = try DecoderWeights(&map, configuration)
            try Self.write(map, to: FileOutput(creating: "\(temporary)/model.safetensors"))
        }
    }

    /// Panels first, then scales, then vectors: so each begins where it is aligned, without a gap.
    private static func write(_ map: borrowing WeightMap, to file: consuming FileOutput) throws(TransformerError) {
        let (matrices, vectors) = (map.matrices, map.vectors)
        var header = Header()
        for (name, matrix) in matrices {
            let shape = PackedLayout.shapes(matrix.format, rows: matrix.rows, columns: matrix.columns).weights
            header.add(name, matrix.format == .q8 ? .i8 : .u8, shape)
        }
        for (name, matrix) in matrices {
            let shape = PackedLayout.shapes(matrix.format, rows: matrix.rows, columns: matrix.columns).scales
            header.add("\(name)\(PackedLayout.scalesSuffix)", .f16, shape)
        }
        for (name, values) in vectors { header.add(name, .f32, [values.count]) }
        let text = header.text(alignment: Self.alignment)
        try withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { bytes throws(TransformerError) in
            try file.write(bytes)
        }
        try Array(text.utf8).span.bytes.withUnsafeBytes { bytes throws(TransformerError) in try file.write(bytes) }
        for (_, matrix) in matrices {
            try matrix.withBytes { weights, _ throws(TransformerError) in try file.write(weights) }
        }
        for (_, matrix) in matrices {
            try matrix.withBytes { _, scales throws(TransformerError) in try file.write(scales) }
        }
        for (_, values) in vectors {
            try values.span.bytes.withUnsafeBytes { bytes throws(TransformerError) in try file.write(bytes) }
        }
        try file.synchronize()
    }

    /// The JSON header of a safetensors file.
    private struct Header {
        private var members: [String]
        private var offset = 0

        init() {
            let metadata = PackedLayout.metadata.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
            self.members = ["\"__metadata__\":{\(metadata.joined(separator: ","))}"]
        }

        /// Names are those of the known architectures: none needs an escape.
        mutating func add(_ name: String, _ type: StoredTensor.ElementType, _ shape: [Int]) {
            let end = self.offset + shape.reduce(type.blockSize, *)
            self.members.append(
                "\"\(name)\":{\"dtype\":\"\(type.rawValue)\",\"shape\":\(shape),\"data_offsets\":[\(self.offset),\(end)]}"
            )
            self.offset = end
        }

        /// Filled up with spaces so that what follows it, and its length before it, is aligned.
        func text(alignment: Int) -> String {
            let text = "{\(self.members.joined(separator: ","))}"
            let fill = alignment - (8 + text.utf8.count) % alignment
            return text + String(repeating: " ", count: fill % alignment)
        }
    }
}
