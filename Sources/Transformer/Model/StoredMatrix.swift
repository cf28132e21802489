internal import CKernels

/// A matrix as a checkpoint stores it: of any type, perhaps part of a tensor, transposed, or in another order of rows.
struct StoredMatrix: Sendable {
    let rows: Int
    let columns: Int
    /// The format in which the kernels can use it where it lies; nil where they cannot.
    let format: WeightFormat?
    let memory: ReadOnlyMemory
    /// Where the first number lies in the memory.
    let offset: Int
    /// Where the scales of a packed format lie; 0 of another.
    let scalesOffset: Int
    private let type: StoredTensor.ElementType
    /// Bytes from a row, or from a column where the matrix is transposed, to the next.
    private let stride: Int
    private let isTransposed: Bool
    /// Rows of a head where the rows of its halves alternate.
    private let interleaved: Int

    /// Rows of a tensor of rank 2; all of them unless `range` says which. A vector counts as rows of one number.
    init(_ tensor: StoredTensor, rows range: Range<Int>? = nil) {
        let range = range ?? 0..<tensor.shape[0]
        self.rows = range.count
        self.columns = tensor.shape.count > 1 ? tensor.shape[1] : 1
        self.stride = self.columns / tensor.type.blockLength * tensor.type.blockSize
        self.offset = tensor.range.lowerBound + range.lowerBound * self.stride
        self.format = tensor.interleavedHeads == nil ? tensor.type.weightFormat : nil
        self.interleaved = tensor.interleavedHeads.map { tensor.shape[0] / $0 } ?? 0
        (self.memory, self.type, self.scalesOffset, self.isTransposed) = (tensor.memory, tensor.type, 0, false)
    }

    /// The transpose of some columns of a tensor of rank 2, whose type has no blocks.
    init(transposing tensor: StoredTensor, columns range: Range<Int>) {
        self.rows = range.count
        self.columns = tensor.shape[0]
        self.stride = tensor.shape[1] * tensor.type.blockSize
        self.offset = tensor.range.lowerBound + range.lowerBound * tensor.type.blockSize
        (self.format, self.interleaved) = (nil, 0)
        (self.memory, self.type, self.scalesOffset, self.isTransposed) = (tensor.memory, tensor.type, 0, true)
    }

    /// Packed weights and their scales, whose sizes are those of a matrix of this shape.
    init(packed weights: StoredTensor, scales: StoredTensor, rows: Int, columns: Int, format: WeightFormat) {
        (self.rows, self.columns, self.format) = (rows, columns, format)
        (self.memory, self.type) = (weights.memory, weights.type)
        (self.offset, self.scalesOffset) = (weights.range.lowerBound, scales.range.lowerBound)
        (self.stride, self.isTransposed, self.interleaved) = (0, false, 0)
    }

    /// Whether the numbers, or of a packed matrix the scales, are neither infinite nor NaN; only where it has a format.
    var isFinite: Bool {
        guard let format else { return false }
        return self.memory.withBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            guard format.isPacked else {
                return kernels_all_finite(format.kernel, start + self.offset, self.rows * self.columns)
            }
            let count = format.scalesSize(rows: self.rows, columns: self.columns) / 2
            return kernels_all_finite(kernels_f16, start + self.scalesOffset, count)
        }
    }

    /// Converts the matrix; false where a number is infinite or NaN, or becomes so.
    func write(
        as format: WeightFormat, weights: UnsafeMutableRawPointer, scales: UnsafeMutableRawPointer,
        on kernels: borrowing Kernels
    ) -> Bool {
        self.memory.withBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            var source = kernels_stored_matrix(
                storage: self.storage, numbers: start + self.offset,
                scales: (start + self.scalesOffset).assumingMemoryBound(to: UInt16.self), stride: self.stride,
                transposed: self.isTransposed, rows: Int32(self.rows), columns: Int32(self.columns),
                interleaved: Int32(self.interleaved))
            return kernels_load(
                kernels.context, &source, format.kernel, weights, scales.assumingMemoryBound(to: UInt16.self))
        }
    }

    private var storage: kernels_storage {
        if let format, format.isPacked { return format == .q8 ? kernels_stored_q8 : kernels_stored_q4 }
        return switch self.type {
        case .bf16: kernels_stored_bf16
        case .f16: kernels_stored_f16
        case .q8_0: kernels_stored_q8_0
        case .q4_0: kernels_stored_q4_0
        case .q4_K: kernels_stored_q4_k
        case .q6_K: kernels_stored_q6_k
        default: kernels_stored_f32
        }
    }
}
