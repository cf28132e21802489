/// The first symbols of a SentencePiece vocabulary: characters, and bytes for the characters it lacks.
struct CharacterAlphabet: Sendable {
    /// How SentencePiece writes a space.
    static let space: Unicode.Scalar = "\u{2581}"

    private static let spaceBytes = Array(String(Self.space).utf8)

    /// UTF-8 with a space for each `▁`, whatever follows it: of the bytes, as a mark makes one character with it.
    static func spaced(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var spaced: [UInt8] = []
        spaced.reserveCapacity(bytes.count)
        for byte in bytes {
            spaced.append(byte)
            guard byte == self.spaceBytes[2], spaced.suffix(3).elementsEqual(self.spaceBytes) else { continue }
            spaced.removeLast(3)
            spaced.append(UInt8(ascii: " "))
        }
        return spaced
    }

    private static let absent: TokenID = -1
    private static let pageSize = 256

    /// The token of each byte.
    private let bytes: [TokenID]
    /// The tokens of characters, in pages; the first one is empty.
    private var tokens: [TokenID]
    private var pages: [UInt16]

    /// - Parameter characters: The tokens of single scalars.
    init(bytes: [TokenID], characters: [Unicode.Scalar: TokenID]) {
        self.bytes = bytes
        self.tokens = Array(repeating: Self.absent, count: Self.pageSize)
        self.pages = Array(repeating: 0, count: 0x11_0000 / Self.pageSize)
        for (scalar, token) in characters {
            self.insert(scalar, token)
            // Texts are scanned with their spaces as they are.
            if scalar == Self.space { self.insert(" ", token) }
        }
    }

    private mutating func insert(_ scalar: Unicode.Scalar, _ token: TokenID) {
        let page = Int(scalar.value) / Self.pageSize
        if self.pages[page] == 0 {
            self.pages[page] = UInt16(self.tokens.count / Self.pageSize)
            self.tokens += Array(repeating: Self.absent, count: Self.pageSize)
        }
        self.tokens[Int(self.pages[page]) * Self.pageSize + Int(scalar.value) % Self.pageSize] = token
    }

    /// The first and the last symbol of the scalar at a byte: the same one, but for a scalar spelled in bytes.
    @inline(__always)
    func ends(_ text: ScannedText, _ index: Int) -> (first: TokenID, last: TokenID, width: Int) {
        let (value, width) = text.scalar(at: index)
        let token = self.token(value)
        if token != Self.absent { return (token, token, width) }
        return (self.bytes[Int(text.bytes[index])], self.bytes[Int(text.bytes[index &+ width &- 1])], width)
    }

    /// The symbol of an ASCII character.
    func symbol(ascii byte: UInt8) -> TokenID {
        let token = self.token(UInt32(byte))
        return token != Self.absent ? token : self.bytes[Int(byte)]
    }

    /// Appends the symbols of a piece.
    func symbols(_ text: ScannedText, _ range: Range<Int>, into symbols: inout [TokenID]) {
        var index = range.lowerBound
        while index < range.upperBound {
            let (value, width) = text.scalar(at: index)
            let token = self.token(value)
            if token != Self.absent {
                symbols.append(token)
            } else {
                for byte in text.bytes[index..<index + width] { symbols.append(self.bytes[Int(byte)]) }
            }
            index += width
        }
    }

    @inline(__always)
    private func token(_ value: UInt32) -> TokenID {
        self.tokens[Int(self.pages[Int(value >> 8)]) << 8 | Int(value & 0xFF)]
    }
}
