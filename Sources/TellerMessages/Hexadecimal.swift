extension Sequence where Element == UInt8 {
    /// The bytes as lower-case hexadecimal digits, two each.
    public var hexadecimal: String {
        String(decoding: self.flatMap { byte in [byte >> 4, byte & 15].map { $0 < 10 ? $0 + 0x30 : $0 + 0x57 } }, as: UTF8.self)
    }
}
