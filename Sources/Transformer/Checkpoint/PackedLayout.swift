/// How safetensors files hold matrices in the packed formats: the kernels' own layout, to be used where it lies.
///
/// The metadata are `format: packed` and `format_version: 1`. A matrix is two tensors: its panels, of type I8 for `q8`
/// and U8 for `q4`, and under its name with the suffix `.scales` its scales, of type F16. Vectors are F32.
enum PackedLayout {
    static let scalesSuffix = ".scales"
    static let metadata = ["format": "packed", "format_version": "1"]

    /// Whether a file's metadata say that it is packed.
    static func isUsed(by file: SafeTensors, path: String) throws(TransformerError) -> Bool {
        guard file.metadata["format"] == self.metadata["format"] else { return false }
        guard let version = file.metadata["format_version"], version == self.metadata["format_version"] else {
            throw TransformerError(
                .unsupported, "\(path) is packed in a version other than 1; quantise the original checkpoint again.")
        }
        return true
    }

    /// The format of panels of this type.
    static func format(of type: StoredTensor.ElementType) -> WeightFormat? {
        switch type {
        case .i8: .q8
        case .u8: .q4
        default: nil
        }
    }

    /// The shapes of its two tensors: panels, columns in pairs (of q4 in eights), rows, numbers beside each other
    /// (of q4 two a byte); panels, blocks, rows.
    static func shapes(_ format: WeightFormat, rows: Int, columns: Int) -> (weights: [Int], scales: [Int]) {
        let (panels, blocks) = ((rows + 7) / 8, (columns + 31) / 32)
        return (
            format == .q8 ? [panels, blocks * 16, 8, 2] : [panels, blocks * 4, 8, 4], [panels, blocks, 8]
        )
    }
}
