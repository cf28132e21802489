/// Changes bytes at random, as files and messages go wrong or are made to.
public struct Mutator {
    /// Counts, lengths and offsets at which checks and conversions break.
    private static let numbers: [UInt64] = [
        0, 1, 2, 7, 8, 31, 32, 33, 127, 128, 255, 256, 65_535, 65_536, 1 << 24, 1 << 31 - 1, 1 << 31, 1 << 32 - 1,
        1 << 32,
        1 << 53, 1 << 60, 1 << 62, 1 << 63 - 1, 1 << 63, .max - 7, .max,
    ]
    private static let texts = [
        "0", "-1", "1e308", "1e400", "-0", "9223372036854775807", "9223372036854775808", "18446744073709551616", "null",
        "true", "[]", "{}", "\"\"", "[[[[[[[[", "{\"a\":", "\\ud800", "\\u0000", "\u{FEFF}", ",", ":", "\"", "\\", "]",
        "}",
    ]

    private var generator: Xorshift

    public init(seed: UInt64) { self.generator = Xorshift(seed: seed) }

    public mutating func number(below bound: Int) -> Int { Int(self.generator.next() % UInt64(max(1, bound))) }

    /// - Parameters:
    ///   - other: Bytes to take parts of.
    ///   - header: How much at the start is changed most of the time.
    public mutating func mutate(_ bytes: [UInt8], with other: [UInt8], header: Int) -> [UInt8] {
        var bytes = bytes
        for _ in 0...self.number(below: 4) {
            let reach = self.number(below: 8) == 0 ? bytes.count : min(header, bytes.count)
            self.change(&bytes, at: self.number(below: reach), other)
        }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], at index: Int, _ other: [UInt8]) {
        guard index < bytes.count else { return }
        let end = min(bytes.count, index + 1 + self.number(below: 64))
        switch self.number(below: 9) {
        case 0: bytes[index] ^= 1 << UInt8(self.number(below: 8))
        case 1: bytes[index] = UInt8(self.number(below: 256))
        case 2:
            let number = Self.numbers[self.number(below: Self.numbers.count)]
            let size = [1, 2, 4, 8][self.number(below: 4)]
            for byte in 0..<min(size, bytes.count - index) {
                bytes[index + byte] = UInt8(truncatingIfNeeded: number >> (8 * byte))
            }
        case 3: bytes.removeSubrange(index..<end)
        case 4: bytes.insert(contentsOf: bytes[index..<end], at: index)
        case 5: bytes.insert(contentsOf: Self.texts[self.number(below: Self.texts.count)].utf8, at: index)
        case 6: self.replaceNumber(&bytes, from: index)
        case 7:
            let start = self.number(below: other.count)
            let part = other[start..<min(other.count, start + 1 + self.number(below: 64))]
            bytes.replaceSubrange(index..<min(bytes.count, index + part.count), with: part)
        default: if self.number(below: 8) == 0 { bytes.removeSubrange(index...) }
        }
    }

    /// Replaces the next number that is written in digits.
    private mutating func replaceNumber(_ bytes: inout [UInt8], from index: Int) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let start = bytes[index...].firstIndex(where: digits.contains) else { return }
        let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
        let text = String(Self.numbers[self.number(below: Self.numbers.count)])
        bytes.replaceSubrange(start..<end, with: text.utf8)
    }
}

/// Marsaglia's xorshift64*: the same seed gives the same mutations.
struct Xorshift: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        self.state ^= self.state >> 12
        self.state ^= self.state << 25
        self.state ^= self.state >> 27
        return self.state &* 0x2545_F491_4F6C_DD1D
    }
}
