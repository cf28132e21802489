internal import CKernels

/// A matrix of weights, each row the weights of one output.
struct WeightMatrix: Sendable {
    let rows: Int
    let columns: Int
    let format: WeightFormat
    private let memory: ReadOnlyMemory
    private let offset: Int
    /// Where the scales of a packed format lie.
    private let scalesOffset: Int

    /// Uses a stored matrix where it lies if it has the format, or a copy of it.
    ///
    /// - Throws: ``TransformerError`` where a number is infinite or NaN; `label` names the tensor.
    init(
        _ source: StoredMatrix, format: WeightFormat, label: String, on kernels: borrowing Kernels
    ) throws(TransformerError) {
        (self.rows, self.columns, self.format) = (source.rows, source.columns, format)
        let isFinite: Bool
        if source.format == format {
            (self.memory, self.offset, self.scalesOffset) = (source.memory, source.offset, source.scalesOffset)
            isFinite = source.isFinite
        } else {
            let weightsSize = format.weightsSize(rows: source.rows, columns: source.columns)
            let scalesSize = format.scalesSize(rows: source.rows, columns: source.columns)
            (self.memory, isFinite) = try ReadOnlyMemory.filled(count: weightsSize + scalesSize) { start in
                source.write(as: format, weights: start, scales: start + weightsSize, on: kernels)
            }
            (self.offset, self.scalesOffset) = (0, weightsSize)
        }
        guard isFinite else {
            throw TransformerError(
                .malformed,
                "The \(label) holds a value that is infinite or not a number, or too large for \(format.rawValue).")
        }
    }

    /// Bytes of weights and scales.
    var size: Int { self.weightsSize + self.scalesSize }

    private var weightsSize: Int { self.format.weightsSize(rows: self.rows, columns: self.columns) }
    private var scalesSize: Int { self.format.scalesSize(rows: self.rows, columns: self.columns) }

    /// Writes one row as floats.
    func copyRow(_ row: Int, to output: UnsafeMutablePointer<Float>) {
        withExtendedLifetime(self.memory) {
            var matrix = self.kernel(bias: nil)
            kernels_unpack_row(&matrix, Int32(row), output)
        }
    }

    /// The matrix as the kernels take it; its pointers are valid while the matrix lives.
    func kernel(bias: UnsafePointer<Float>?) -> kernels_matrix {
        self.memory.withBytes { bytes in
            let scales = bytes.baseAddress?.advanced(by: self.scalesOffset).assumingMemoryBound(to: UInt16.self)
            return kernels_matrix(
                format: self.format.kernel, weights: bytes.baseAddress?.advanced(by: self.offset),
                scales: self.format.isPacked ? scales : nil, bias: bias, rows: Int32(self.rows),
                columns: Int32(self.columns))
        }
    }

    /// Gives the bytes of the weights and of the scales as they lie in memory.
    func withBytes<R, E: Error>(
        _ body: (_ weights: UnsafeRawBufferPointer, _ scales: UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try self.memory.withBytes { bytes throws(E) in
            try body(
                UnsafeRawBufferPointer(rebasing: bytes[self.offset..<self.offset + self.weightsSize]),
                UnsafeRawBufferPointer(rebasing: bytes[self.scalesOffset..<self.scalesOffset + self.scalesSize]))
        }
    }
}
