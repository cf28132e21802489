internal import CKernels

/// How keys and values are held.
public enum KeyValueFormat: String, Sendable, Hashable, CaseIterable {
    /// IEEE 754 binary32, as computed.
    case f32
    /// IEEE 754 binary16: half the memory, rounded to 11 bits.
    case f16

    /// Bytes a number.
    var size: Int { self == .f32 ? 4 : 2 }

    var kernel: kernels_format { self == .f32 ? kernels_f32 : kernels_f16 }
}
