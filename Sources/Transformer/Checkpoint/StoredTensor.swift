/// A tensor as a checkpoint file holds it.
struct StoredTensor: Sendable {
    /// The element types of the safetensors format, by their names there, and the block formats of GGUF that are read.
    enum ElementType: String, Sendable {
        case boolean = "BOOL"
        case u8 = "U8", i8 = "I8", u16 = "U16", i16 = "I16", u32 = "U32", i32 = "I32", u64 = "U64", i64 = "I64"
        case f8E5M2 = "F8_E5M2", f8E4M3 = "F8_E4M3", f16 = "F16", bf16 = "BF16", f32 = "F32", f64 = "F64"
        case q8_0 = "Q8_0", q4_0 = "Q4_0", q4_K = "Q4_K", q6_K = "Q6_K"

        /// How many elements of a row are stored together.
        var blockLength: Int {
            switch self {
            case .q8_0, .q4_0: 32
            case .q4_K, .q6_K: 256
            default: 1
            }
        }

        /// Bytes a block.
        var blockSize: Int {
            switch self {
            case .boolean, .u8, .i8, .f8E5M2, .f8E4M3: 1
            case .u16, .i16, .f16, .bf16: 2
            case .u32, .i32, .f32: 4
            case .u64, .i64, .f64: 8
            case .q8_0: 34
            case .q4_0: 18
            case .q4_K: 144
            case .q6_K: 210
            }
        }

        /// The format in which the kernels can use it as it is.
        var weightFormat: WeightFormat? {
            switch self {
            case .f32: .f32
            case .bf16: .bf16
            case .f16: .f16
            default: nil
            }
        }

        /// The format to hold it in where none is asked for; nil for what holds no weights.
        var nearestFormat: WeightFormat? {
            switch self {
            case .q8_0, .q4_K, .q6_K: .q8
            case .q4_0: .q4
            default: self.weightFormat
            }
        }
    }

    let name: String
    let type: ElementType
    let shape: [Int]
    let memory: ReadOnlyMemory
    /// Where the elements lie in `memory`, row-major, little-endian, aligned to an element.
    let range: Range<Int>
    /// How many heads have rows that alternate between the halves that rotate together; nil where halves are apart.
    var interleavedHeads: Int?

    /// Numbers in the tensor.
    var count: Int { self.range.count / self.type.blockSize * self.type.blockLength }
}
