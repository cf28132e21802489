internal import CKernels

/// How a model's matrices are held in memory.
public enum WeightFormat: String, Sendable, Hashable, CaseIterable {
    /// IEEE 754 binary32, 4 bytes a weight.
    case f32
    /// The upper half of a binary32, 2 bytes a weight.
    case bf16
    /// IEEE 754 binary16, 2 bytes a weight.
    case f16

    /// Bytes a weight.
    public var size: Int { self == .f32 ? 4 : 2 }

    var kernel: kernels_format {
        switch self {
        case .f32: kernels_f32
        case .bf16: kernels_bf16
        case .f16: kernels_f16
        }
    }
}
