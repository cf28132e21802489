/// Turns tokens into text as they come, never splitting a character's bytes.
public struct TextStream: Sendable {
    private let tokenizer: Tokenizer
    /// The start of a scalar whose other bytes have not come.
    private var pending: [UInt8] = []

    /// Whether no text has come yet, so that a space may be one that encoding put there.
    private var isAtStart: Bool

    /// - Parameter continuing: Whether a text goes on, so that a space at the start is part of it.
    public init(_ tokenizer: Tokenizer, continuing: Bool = false) {
        self.tokenizer = tokenizer
        self.isAtStart = tokenizer.stripsLeadingSpace && !continuing
    }

    /// The text that this token completes, often with what earlier ones began; may be empty.
    public mutating func append(_ token: TokenID) -> String {
        let bytes = self.tokenizer.bytes(of: token)
        let isPrefixed = self.isAtStart && bytes.first == UInt8(ascii: " ")
        self.pending.append(contentsOf: bytes.dropFirst(isPrefixed ? 1 : 0))
        if !bytes.isEmpty { self.isAtStart = false }
        let complete = self.pending.count - Self.incompleteSuffix(of: self.pending)
        defer { self.pending.removeFirst(complete) }
        return String(decoding: self.pending[..<complete], as: UTF8.self)
    }

    /// What is left when no token follows: U+FFFD for a character that was not completed.
    public mutating func finish() -> String {
        defer { self.pending.removeAll() }
        return String(decoding: self.pending, as: UTF8.self)
    }

    /// How many bytes at the end could still become one scalar.
    private static func incompleteSuffix(of bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let byte = bytes[bytes.count - length]
            guard byte >= 0x80 else { return 0 }
            guard byte >= 0xC0 else { continue }
            let width = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            return byte < 0xF8 && length < width ? length : 0
        }
        return 0
    }
}
