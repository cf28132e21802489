/// What a pair of neighbouring tokens leads to: a hash table of which a look-up is one or two reads.
struct PairTable<Value: Sendable>: Sendable {
    private struct Slot {
        var key: UInt64
        var value: Value?
    }

    /// Both tokens are −1, which no token is.
    private static var empty: UInt64 { .max }

    /// A power of two, at least twice as many as there are pairs.
    private var slots: [Slot]
    private let shift: UInt64
    private(set) var count = 0

    /// - Parameter capacity: How many pairs it is made for; there must not be more.
    init(capacity: Int) {
        var bits: UInt64 = 1
        while 1 << bits < 2 * capacity + 2 { bits += 1 }
        self.shift = 64 - bits
        self.slots = Array(repeating: Slot(key: Self.empty, value: nil), count: 1 << bits)
    }

    /// The value of a pair; setting one again replaces it.
    @inline(__always)
    subscript(left: TokenID, right: TokenID) -> Value? {
        get {
            let key = Self.key(left, right)
            var index = self.start(key)
            while true {
                let slot = self.slots[index]
                if slot.key == key { return slot.value }
                if slot.key == Self.empty { return nil }
                index = (index &+ 1) & (self.slots.count &- 1)
            }
        }
        set {
            let key = Self.key(left, right)
            var index = self.start(key)
            while self.slots[index].key != key, self.slots[index].key != Self.empty {
                index = (index + 1) & (self.slots.count - 1)
            }
            if self.slots[index].key == Self.empty { self.count += 1 }
            precondition(2 * self.count <= self.slots.count, "more pairs than the table was made for")
            self.slots[index] = Slot(key: key, value: newValue)
        }
    }

    private static func key(_ left: TokenID, _ right: TokenID) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// Where to look first, by Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, section 6.4).
    @inline(__always)
    private func start(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: ((key ^ key >> 32) &* 0x9E37_79B9_7F4A_7C15) >> self.shift)
    }
}
