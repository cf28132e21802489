internal import CKernels

/// Hands out a checkpoint's tensors by name, each checked for its shape and type, and knows which are left.
struct WeightMap {
    private var remaining: [String: StoredTensor]
    private let format: WeightFormat?
    private(set) var parameterCount = 0
    private(set) var memory: [WeightFormat: Int] = [:]

    init(_ tensors: [String: StoredTensor], format: WeightFormat?) {
        self.remaining = tensors
        self.format = format
    }

    mutating func linear(
        _ name: String, _ rows: Int, _ columns: Int, bias: Bool
    ) throws(TransformerError) -> LinearWeights {
        LinearWeights(
            matrix: try self.matrix("\(name).weight", rows, columns),
            bias: bias ? try self.vector("\(name).bias", count: rows) : nil)
    }

    mutating func matrix(_ name: String, _ rows: Int, _ columns: Int) throws(TransformerError) -> WeightMatrix {
        let (tensor, stored) = try self.take(name, shape: [rows, columns])
        let matrix = try WeightMatrix(tensor, stored: stored, format: self.format ?? stored)
        self.memory[matrix.format, default: 0] += matrix.size
        return matrix
    }

    /// A layer that stores its matrix transposed, (columns × rows), cut into `parts` layers of equal size.
    mutating func transposedLinear(
        _ name: String, _ rows: Int, _ columns: Int, parts: Int = 1
    ) throws(TransformerError) -> [LinearWeights] {
        let (tensor, stored) = try self.take("\(name).weight", shape: [columns, rows])
        let bias = try self.vector("\(name).bias", count: rows)
        let size = rows / parts
        var layers: [LinearWeights] = []
        for part in 0..<parts {
            let range = part * size..<(part + 1) * size
            let matrix = try WeightMatrix(
                transposing: tensor, columns: range, stored: stored, format: self.format ?? stored)
            self.memory[matrix.format, default: 0] += matrix.size
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
        let (tensor, stored) = try self.take(name, shape: [count])
        self.memory[.f32, default: 0] += count * WeightFormat.f32.size
        return tensor.memory.withBytes { bytes in
            [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                kernels_convert(
                    stored.kernel, bytes.baseAddress?.advanced(by: tensor.range.lowerBound), kernels_f32,
                    buffer.baseAddress, count)
                initialized = count
            }
        }
    }

    private mutating func take(
        _ name: String, shape: [Int]
    ) throws(TransformerError) -> (StoredTensor, WeightFormat) {
        guard let tensor = self.remaining.removeValue(forKey: name) else {
            throw TransformerError(.missing, "The checkpoint lacks the tensor \"\(name)\".")
        }
        guard tensor.shape == shape else {
            throw TransformerError(
                .mismatch, "The \(tensor.label) has the shape \(tensor.shape); config.json makes it \(shape).")
        }
        guard let stored = tensor.type.weightFormat else {
            throw TransformerError(
                .unsupported, "The \(tensor.label) is stored as \(tensor.type.rawValue); supported: F32, BF16, F16.")
        }
        let count = tensor.range.count / stored.size
        let isFinite = tensor.memory.withBytes { bytes in
            kernels_all_finite(stored.kernel, bytes.baseAddress?.advanced(by: tensor.range.lowerBound), count)
        }
        guard isFinite else {
            throw TransformerError(.malformed, "The \(tensor.label) holds a value that is infinite or not a number.")
        }
        self.parameterCount += count
        return (tensor, stored)
    }

    /// Fails on a tensor that nothing uses: the model would not compute what the checkpoint means.
    ///
    /// The rotary frequencies and causal masks that old checkpoints store follow from the configuration.
    func finish(ignoring ignored: Set<String>) throws(TransformerError) {
        let derived = [".rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias"]
        let unused = self.remaining.keys.filter { name in
            !ignored.contains(name) && !derived.contains(where: name.hasSuffix)
        }
        guard let name = unused.min() else { return }
        throw TransformerError(
            .unsupported,
            "The checkpoint has the tensor \"\(name.prefix(120))\", which this architecture does not use; "
                + "config.json does not describe these weights.")
    }
}
