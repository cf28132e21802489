/// Strings as C takes an array of them, with NULL for nil, in one allocation.
struct CStrings {
    private var bytes: [CChar] = []
    private var offsets: [Int?] = []

    init(_ strings: some Collection<String?>) {
        self.offsets.reserveCapacity(strings.count)
        self.bytes.reserveCapacity(strings.reduce(0) { $0 + ($1?.utf8.count ?? 0) + 1 })
        for string in strings {
            guard let string else {
                self.offsets.append(nil)
                continue
            }
            self.offsets.append(self.bytes.count)
            for byte in string.utf8 { self.bytes.append(CChar(bitPattern: byte)) }
            self.bytes.append(0)
        }
    }

    /// The pointers are valid during the body only.
    ///
    /// No string gives no pointer.
    func withPointers<Result>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result) -> Result {
        guard !self.offsets.isEmpty else { return body(nil) }
        return self.bytes.withUnsafeBufferPointer { bytes in
            let base = bytes.baseAddress
            return self.offsets.map { offset in offset.flatMap { base?.advanced(by: $0) } }.withUnsafeBufferPointer {
                body($0.baseAddress)
            }
        }
    }
}
