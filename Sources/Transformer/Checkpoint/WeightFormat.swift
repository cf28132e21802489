internal import CKernels

/// How a model's matrices are held in memory.
public enum WeightFormat: String, Sendable, Hashable, CaseIterable {
    /// IEEE 754 binary32, 4 bytes a weight.
    case f32
    /// The upper half of a binary32, 2 bytes a weight.
    case bf16
    /// IEEE 754 binary16, 2 bytes a weight.
    case f16
    /// 8-bit integers with a binary16 scale for each 32 columns of a row, 1.0625 bytes a weight.
    case q8
    /// 4-bit integers with a binary16 scale for each 32 columns of a row, 0.5625 bytes a weight.
    ///
    /// The embedding and the output head, whose rounding errors are felt most, are held as ``q8`` all the same.
    case q4

    /// Whether rows are laid out in panels of eight, with scales apart.
    var isPacked: Bool { self == .q8 || self == .q4 }

    /// The format of tables with a row for each token or position, where the other matrices have this one.
    var forTables: Self { self == .q4 ? .q8 : self }

    var kernel: kernels_format {
        switch self {
        case .f32: kernels_f32
        case .bf16: kernels_bf16
        case .f16: kernels_f16
        case .q8: kernels_q8
        case .q4: kernels_q4
        }
    }

    /// Bytes of a matrix's weights, without their scales.
    func weightsSize(rows: Int, columns: Int) -> Int { kernels_weights_size(self.kernel, Int32(rows), Int32(columns)) }

    /// Bytes of a matrix's scales; none but for the packed formats.
    func scalesSize(rows: Int, columns: Int) -> Int { kernels_scales_size(self.kernel, Int32(rows), Int32(columns)) }
}
