/// What a GGUF file says of one tensor.
struct GGUFTensor {
    let name: String
    let type: StoredTensor.ElementType
    /// Outermost dimension first, the reverse of the file's order.
    let shape: [Int]
    /// From the start of the tensors' bytes.
    let offset: Int
    /// In bytes.
    let size: Int

    /// The numbers of ggml's types, and those that can be read.
    private static let types: [UInt32: (name: String, type: StoredTensor.ElementType?)] = [
        0: ("F32", .f32), 1: ("F16", .f16), 2: ("Q4_0", .q4_0), 3: ("Q4_1", nil), 6: ("Q5_0", nil), 7: ("Q5_1", nil),
        8: ("Q8_0", .q8_0), 9: ("Q8_1", nil), 10: ("Q2_K", nil), 11: ("Q3_K", nil), 12: ("Q4_K", .q4_K),
        13: ("Q5_K", nil), 14: ("Q6_K", .q6_K), 15: ("Q8_K", nil), 16: ("IQ2_XXS", nil), 17: ("IQ2_XS", nil),
        18: ("IQ3_XXS", nil), 19: ("IQ1_S", nil), 20: ("IQ4_NL", nil), 21: ("IQ3_S", nil), 22: ("IQ2_S", nil),
        23: ("IQ4_XS", nil), 24: ("I8", nil), 25: ("I16", nil), 26: ("I32", nil), 27: ("I64", nil), 28: ("F64", nil),
        29: ("IQ1_M", nil), 30: ("BF16", .bf16), 34: ("TQ1_0", nil), 35: ("TQ2_0", nil), 39: ("MXFP4", nil),
    ]

    init(_ reader: inout GGUFReader, maximumRank: Int, path: String) throws(TransformerError) {
        self.name = try reader.readString()
        let label = "the tensor \"\(self.name.prefix(120))\""
        let rank = try reader.read(UInt32.self)
        guard (1...UInt32(maximumRank)).contains(rank) else {
            throw TransformerError(
                .limitExceeded, "\(path): \(label) has the rank \(rank); supported: 1 to \(maximumRank).")
        }
        var dimensions: [Int] = []
        for _ in 0..<rank {
            guard let dimension = Int(exactly: try reader.read(UInt64.self)) else {
                throw reader.malformed("\(label) has a shape too large to be true")
            }
            dimensions.append(dimension)
        }
        let number = try reader.read(UInt32.self)
        guard let (typeName, supported) = Self.types[number] else {
            throw reader.malformed("\(label) has the unknown type \(number)")
        }
        guard let type = supported else {
            throw TransformerError(
                .unsupported,
                "\(path): \(label) is stored as \(typeName); supported: F32, F16, BF16, Q8_0, Q4_0, Q4_K, Q6_K.")
        }
        guard let offset = Int(exactly: try reader.read(UInt64.self)) else {
            throw reader.malformed("\(label) lies outside the file")
        }
        guard dimensions[0] % type.blockLength == 0 else {
            throw reader.malformed("\(label) has rows that are no multiple of \(type.blockLength) long")
        }
        var (size, overflow) = (dimensions[0] / type.blockLength, false)
        for factor in dimensions.dropFirst() + [type.blockSize] where !overflow {
            (size, overflow) = size.multipliedReportingOverflow(by: factor)
        }
        guard !overflow else { throw reader.malformed("\(label) has a shape too large to be true") }
        self.type = type
        self.shape = dimensions.reversed()
        self.offset = offset
        self.size = size
    }
}
