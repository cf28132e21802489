import Glibc

/// Hands out a checkpoint's tensors by name, each checked for its shape and type, and knows which are left.
struct WeightMap: ~Copyable {
    private static let maximumThreads = 16

    private var remaining: [String: StoredTensor]
    private let layout: Checkpoint.Layout
    private let format: WeightFormat?
    private let kernels: Kernels
    private let progress: (@Sendable (Double) -> Void)?
    private let totalSize: Int
    private var takenSize = 0
    private(set) var parameterCount = 0
    private(set) var memory: [WeightFormat: Int] = [:]
    /// Bytes of the linear layers alone.
    private var linearMemory: [WeightFormat: Int] = [:]
    /// What was handed out, in this order.
    private(set) var matrices: [(name: String, matrix: WeightMatrix)] = []
    private(set) var vectors: [(name: String, values: [Float])] = []

    /// - Parameters:
    ///   - format: The format to hold the matrices in; nil for the one they are stored in, or the nearest to it.
    ///   - progress: Is called after each tensor with the share of the bytes that is done, at last 1.
    init(_ checkpoint: Checkpoint, format: WeightFormat?, progress: (@Sendable (Double) -> Void)? = nil) {
        self.remaining = checkpoint.tensors
        self.layout = checkpoint.layout
        self.format = format
        self.kernels = Kernels(threads: max(1, min(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), Self.maximumThreads)))
        self.progress = progress
        self.totalSize = checkpoint.tensors.values.reduce(0) { $0 + $1.range.count }
    }

    /// The format of most of the linear layers.
    var linearFormat: WeightFormat {
        self.linearMemory.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }?.key ?? .f32
    }

    func contains(_ name: String) -> Bool { self.remaining[name] != nil }

    mutating func linear(
        _ name: String, _ rows: Int, _ columns: Int, bias: Bool
    ) throws(TransformerError) -> LinearWeights {
        let matrix = try self.matrix("\(name).weight", rows, columns, format: self.format)
        self.linearMemory[matrix.format, default: 0] += matrix.size
        return LinearWeights(matrix: matrix, bias: bias ? try self.vector("\(name).bias", count: rows) : nil)
    }

    /// A matrix with a row for each token or position.
    mutating func table(_ name: String, _ rows: Int, _ columns: Int) throws(TransformerError) -> WeightMatrix {
        try self.matrix(name, rows, columns, format: self.format?.forTables)
    }

    private mutating func matrix(
        _ name: String, _ rows: Int, _ columns: Int, format: WeightFormat?
    ) throws(TransformerError) -> WeightMatrix {
        if self.layout == .packed { return try self.packedMatrix(name, rows, columns, format: format) }
        let tensor = try self.take(name, shape: [rows, columns])
        return try self.hold(StoredMatrix(tensor), of: tensor, as: name, format: format)
    }

    /// A layer that Hugging Face stores transposed, (columns × rows), cut into `parts` layers of equal size.
    mutating func transposedLinear(
        _ name: String, _ rows: Int, _ columns: Int, parts: Int = 1
    ) throws(TransformerError) -> [LinearWeights] {
        let bias = try self.vector("\(name).bias", count: rows)
        let isTransposed = self.layout == .huggingFace
        let tensor =
            self.layout == .packed
            ? nil : try self.take("\(name).weight", shape: isTransposed ? [columns, rows] : [rows, columns])
        let size = rows / parts
        var layers: [LinearWeights] = []
        for part in 0..<parts {
            let range = part * size..<(part + 1) * size
            let partName = "\(name).\(part).weight"
            let matrix: WeightMatrix
            if let tensor {
                let source =
                    isTransposed ? StoredMatrix(transposing: tensor, columns: range) : StoredMatrix(tensor, rows: range)
                matrix = try self.hold(source, of: tensor, as: partName, format: self.format)
            } else {
                matrix = try self.packedMatrix(partName, size, columns, format: self.format)
            }
            self.linearMemory[matrix.format, default: 0] += matrix.size
            layers.append(LinearWeights(matrix: matrix, bias: Array(bias[range])))
        }
        return layers
    }

    /// The scale of a root-mean-square norm, or the scale and offset of a layer norm.
    mutating func norm(_ name: String, count: Int, bias: Bool = false) throws(TransformerError) -> NormWeights {
        NormWeights(
            scale: try self.vector("\(name).weight", count: count),
            offset: bias ? try self.vector("\(name).bias", count: count) : nil)
    }

    mutating func vector(_ name: String, count: Int) throws(TransformerError) -> [Float] {
        let tensor = try self.take(name, shape: [count])
        guard tensor.type.weightFormat != nil else { throw tensor.unsupported("F32, BF16, F16") }
        // A matrix of one column, whose rows may be those of interleaved heads.
        let matrix = try WeightMatrix(StoredMatrix(tensor), format: .f32, label: tensor.label, on: self.kernels)
        let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            for row in 0..<count { buffer.baseAddress.map { matrix.copyRow(row, to: $0 + row) } }
            initialized = count
        }
        self.memory[.f32, default: 0] += matrix.size
        self.parameterCount += count
        self.vectors.append((name, values))
        self.report(tensor.range.count)
        return values
    }

    private mutating func packedMatrix(
        _ name: String, _ rows: Int, _ columns: Int, format: WeightFormat?
    ) throws(TransformerError) -> WeightMatrix {
        let (weights, scales) = (try self.take(name), try self.take("\(name)\(PackedLayout.scalesSuffix)"))
        guard let stored = PackedLayout.format(of: weights.type), scales.type == .f16 else {
            throw weights.unsupported("I8 or U8, with scales of F16, in a packed checkpoint")
        }
        guard (weights.shape, scales.shape) == PackedLayout.shapes(stored, rows: rows, columns: columns) else {
            throw TransformerError(
                .mismatch, "The \(weights.label) is not one of \(rows) × \(columns), as its configuration makes it.")
        }
        let source = StoredMatrix(packed: weights, scales: scales, rows: rows, columns: columns, format: stored)
        return try self.hold(source, of: weights, as: name, format: format)
    }

    private mutating func hold(
        _ source: StoredMatrix, of tensor: StoredTensor, as name: String, format: WeightFormat?
    ) throws(TransformerError) -> WeightMatrix {
        guard let nearest = source.format ?? tensor.type.nearestFormat else {
            throw tensor.unsupported("F32, BF16, F16")
        }
        let matrix = try WeightMatrix(source, format: format ?? nearest, label: tensor.label, on: self.kernels)
        self.memory[matrix.format, default: 0] += matrix.size
        self.parameterCount += matrix.rows * matrix.columns
        self.matrices.append((name, matrix))
        self.report(tensor.range.count * matrix.rows * matrix.columns / max(1, tensor.count))
        return matrix
    }

    private mutating func report(_ size: Int) {
        self.takenSize += size
        self.progress?(min(1, Double(self.takenSize) / Double(max(1, self.totalSize))))
    }

    private mutating func take(_ name: String) throws(TransformerError) -> StoredTensor {
        guard let tensor = self.remaining.removeValue(forKey: name) else {
            throw TransformerError(.missing, "The checkpoint lacks the tensor \"\(name)\".")
        }
        return tensor
    }

    private mutating func take(_ name: String, shape: [Int]) throws(TransformerError) -> StoredTensor {
        let tensor = try self.take(name)
        guard tensor.shape == shape else {
            throw TransformerError(
                .mismatch, "The \(tensor.label) has the shape \(tensor.shape); its configuration makes it \(shape).")
        }
        return tensor
    }

    /// Fails on a tensor that nothing uses: the model would not compute what the checkpoint means.
    ///
    /// The rotary frequencies and causal masks that old checkpoints store follow from the configuration.
    func finish(ignoring ignored: Set<String>) throws(TransformerError) {
        let derived = [".rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias"]
        let unused = self.remaining.keys.filter { name in
            !ignored.contains(name) && !derived.contains(where: name.hasSuffix)
        }
        guard let name = unused.min() else {
            self.progress?(1)
            return
        }
        throw TransformerError(
            .unsupported,
            "The checkpoint has the tensor \"\(name.prefix(120))\", which this architecture does not use; "
                + "its configuration does not describe these weights.")
    }
}

extension StoredTensor {
    fileprivate func unsupported(_ supported: String) -> TransformerError {
        TransformerError(
            .unsupported, "The \(self.label) is stored as \(self.type.rawValue); supported: \(supported).")
    }
}
