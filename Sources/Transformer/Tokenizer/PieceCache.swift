/// The tokens of pieces that were met before: what most words of a text are.
///
/// Of bounded size: a new piece takes the place of one that was not asked for as lately.
struct PieceCache: Sendable {
    /// A piece of at most 15 bytes; the last byte is their number.
    struct Key: Sendable, Hashable {
        static let longest = 15

        let low: UInt64
        let high: UInt64

        /// - Parameter range: The piece, of 1 to 15 bytes of the text.
        @inline(__always)
        init(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
            let bytes = UnsafeRawBufferPointer(text)
            let count = UInt64(range.count)
            if range.lowerBound &+ 16 <= text.count {
                let low = bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self)
                let high = bytes.loadUnaligned(fromByteOffset: range.lowerBound &+ 8, as: UInt64.self)
                self.low = count < 8 ? low & ((1 &<< (8 &* count)) &- 1) : low
                self.high = count &<< 56 | (count > 8 ? high & ((1 &<< (8 &* (count &- 8))) &- 1) : 0)
            } else {
                var (low, high): (UInt64, UInt64) = (0, count << 56)
                for (offset, index) in range.enumerated() {
                    let byte = UInt64(bytes[index])
                    if offset < 8 { low |= byte << (8 * offset) } else { high |= byte << (8 * (offset - 8)) }
                }
                (self.low, self.high) = (low, high)
            }
        }

        /// No piece.
        init() { (self.low, self.high) = (0, 0) }

        @inline(__always)
        var slot: Int {
            let mixed = (self.low ^ (self.high &* 0x9E37_79B9_7F4A_7C15)) &* 0xD6E8_FEB8_6659_FD93
            return Int(truncatingIfNeeded: mixed >> (64 - PieceCache.bits)) << 1
        }
    }

    struct Tokens: Sendable {
        static let most = 7

        var count: Int32 = 0
        var ids = InlineArray<7, TokenID>(repeating: 0)

        /// - Parameter tokens: At most seven.
        init(_ tokens: ArraySlice<TokenID>) {
            self.count = Int32(tokens.count)
            for (offset, token) in tokens.enumerated() { self.ids[offset] = token }
        }

        init() {}
    }

    private struct Entry: Sendable {
        var key = Key()
        var tokens = Tokens()
    }

    private static let bits: UInt64 = 14

    /// Two for each slot, the one asked for last first: 1.5 MiB.
    private var entries: [Entry] = []

    @inline(__always)
    mutating func tokens(of key: Key) -> Tokens? {
        guard !self.entries.isEmpty else { return nil }
        let slot = key.slot
        if self.entries[slot].key == key { return self.entries[slot].tokens }
        guard self.entries[slot &+ 1].key == key else { return nil }
        self.entries.swapAt(slot, slot &+ 1)
        return self.entries[slot].tokens
    }

    mutating func insert(_ key: Key, _ tokens: Tokens) {
        if self.entries.isEmpty { self.entries = Array(repeating: Entry(), count: 2 << Self.bits) }
        self.entries[key.slot + 1] = self.entries[key.slot]
        self.entries[key.slot] = Entry(key: key, tokens: tokens)
    }
}
