internal import CKernels

/// A matrix of weights, row-major, each row the weights of one output.
struct WeightMatrix: Sendable {
    let rows: Int
    let columns: Int
    let format: WeightFormat
    private let memory: ReadOnlyMemory
    private let offset: Int

    /// Bytes of weights.
    var size: Int { self.rows * self.columns * self.format.size }
    var parameterCount: Int { self.rows * self.columns }

    /// Uses a tensor of rank 2 in place, or a copy of it in another format.
    init(_ tensor: StoredTensor, stored: WeightFormat, format: WeightFormat) throws(TransformerError) {
        self.rows = tensor.shape[0]
        self.columns = tensor.shape[1]
        self.format = format
        guard format != stored else {
            self.memory = tensor.memory
            self.offset = tensor.range.lowerBound
            return
        }
        let count = self.rows * self.columns
        self.offset = 0
        self.memory = try ReadOnlyMemory(count: count * format.size) { destination in
            tensor.memory.withBytes { bytes in
                kernels_convert(
                    stored.kernel, bytes.baseAddress?.advanced(by: tensor.range.lowerBound), format.kernel,
                    destination.baseAddress, count)
            }
        }
    }

    /// Copies the transpose of some columns of a tensor of rank 2, as GPT-2 stores its matrices.
    init(
        transposing tensor: StoredTensor, columns: Range<Int>, stored: WeightFormat, format: WeightFormat
    ) throws(TransformerError) {
        let (rows, inputs, stride) = (columns.count, tensor.shape[0], tensor.shape[1])
        let offset = tensor.range.lowerBound + columns.lowerBound * stored.size
        self.rows = rows
        self.columns = inputs
        self.format = format
        self.offset = 0
        self.memory = try ReadOnlyMemory(count: rows * inputs * format.size) { destination in
            tensor.memory.withBytes { bytes in
                kernels_transpose(
                    stored.kernel, bytes.baseAddress?.advanced(by: offset), stride, format.kernel,
                    destination.baseAddress, rows, inputs)
            }
        }
    }

    /// Writes one row as floats.
    func copyRow(_ row: Int, to output: UnsafeMutablePointer<Float>) {
        let offset = self.offset + row * self.columns * self.format.size
        self.memory.withBytes { bytes in
            kernels_convert(
                self.format.kernel, bytes.baseAddress?.advanced(by: offset), kernels_f32, output, self.columns)
        }
    }

    /// The matrix as the kernels take it; its pointers are valid while the matrix lives.
    func kernel(bias: UnsafePointer<Float>?) -> kernels_matrix {
        self.memory.withBytes { bytes in
            kernels_matrix(
                format: self.format.kernel, weights: bytes.baseAddress?.advanced(by: self.offset), scales: nil,
                bias: bias, rows: Int32(self.rows), columns: Int32(self.columns))
        }
    }
}
