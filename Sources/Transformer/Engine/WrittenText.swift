/// The text of a generation as its bytes come: where a stop string ends it, and how much of it is sure already.
struct WrittenText: Sendable {
    private var bytes: [UInt8] = []
    private var matcher: StopStringMatcher
    /// How many bytes were taken.
    private var taken = 0
    /// Whether no byte follows, so that nothing is held back any more.
    private(set) var isClosed = false

    init(stopStrings: [String]) { self.matcher = StopStringMatcher(stopStrings) }

    /// Adds a token's bytes, up to a stop string.
    ///
    /// - Returns: Whether a stop string was completed; the text then ends before it.
    mutating func append(_ bytes: [UInt8]) -> Bool {
        for byte in bytes {
            self.bytes.append(byte)
            if let length = self.matcher.step(byte) {
                self.bytes.removeLast(length)
                self.isClosed = true
                return true
            }
        }
        return false
    }

    mutating func close() { self.isClosed = true }

    /// The whole text so far; bytes that are not UTF-8 become U+FFFD.
    var text: String { String(decoding: self.bytes, as: UTF8.self) }

    /// What was added since the last call and can no longer change: whole characters that begin no stop string.
    mutating func take() -> String {
        let open = self.isClosed ? 0 : max(self.matcher.heldBack, self.unfinishedScalar)
        let end = max(self.taken, self.bytes.count - open)
        defer { self.taken = end }
        return String(decoding: self.bytes[self.taken..<end], as: UTF8.self)
    }

    /// The bytes at the end of which further ones could make a scalar.
    private var unfinishedScalar: Int {
        let tail = self.bytes.suffix(3)
        guard let lead = tail.lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return 0 }
        let width = (~tail[lead]).leadingZeroBitCount
        let length = tail.endIndex - lead
        return (2...4).contains(width) && length < width ? length : 0
    }
}
