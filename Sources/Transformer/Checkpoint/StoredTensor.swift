/// A tensor as a checkpoint file holds it.
struct StoredTensor: Sendable {
    /// The element types that the safetensors format knows.
    enum ElementType: String, Sendable {
        case boolean = "BOOL"
        case u8 = "U8", i8 = "I8", u16 = "U16", i16 = "I16", u32 = "U32", i32 = "I32", u64 = "U64", i64 = "I64"
        case f8E5M2 = "F8_E5M2", f8E4M3 = "F8_E4M3", f16 = "F16", bf16 = "BF16", f32 = "F32", f64 = "F64"

        /// Bytes an element.
        var size: Int {
            switch self {
            case .boolean, .u8, .i8, .f8E5M2, .f8E4M3: 1
            case .u16, .i16, .f16, .bf16: 2
            case .u32, .i32, .f32: 4
            case .u64, .i64, .f64: 8
            }
        }

        /// The format in which the kernels can use it.
        var weightFormat: WeightFormat? {
            switch self {
            case .f32: .f32
            case .bf16: .bf16
            case .f16: .f16
            default: nil
            }
        }
    }

    let name: String
    let type: ElementType
    let shape: [Int]
    let memory: ReadOnlyMemory
    /// Where the elements lie in `memory`, row-major, little-endian, aligned to an element.
    let range: Range<Int>
}
