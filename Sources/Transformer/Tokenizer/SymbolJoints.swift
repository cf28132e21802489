/// Pairs of symbols that some merge joins: where two others meet, a text can be cut without changing its tokens.
struct SymbolJoints: Sendable {
    private static let asciiCount = 0x80

    private let pairs: PairTable<Bool>
    /// For the pairs of ASCII characters, which most are.
    private let ascii: [Bool]

    init(_ pairs: PairTable<Bool>, _ alphabet: CharacterAlphabet) {
        self.pairs = pairs
        let symbols = (0..<UInt8(Self.asciiCount)).map(alphabet.symbol(ascii:))
        self.ascii = symbols.flatMap { left in symbols.map { right in pairs[left, right] != nil } }
    }

    /// Calls the body with the longest ranges of a piece between which no merge reaches.
    @inline(__always)
    func forEachRange(
        of piece: Range<Int>, in text: ScannedText, _ alphabet: CharacterAlphabet, _ body: (Range<Int>) -> Void
    ) {
        var (start, index) = (piece.lowerBound, piece.lowerBound)
        /// The last symbol of the scalar before, where that is not ASCII.
        var previous: TokenID = -1
        while index < piece.upperBound {
            let byte = text.bytes[index]
            let before = index > start ? text.bytes[index &- 1] : 0
            var isJoined = true
            var width = 1
            if byte < 0x80, before < 0x80 {
                isJoined = index == start || self.ascii[Int(before) << 7 | Int(byte)]
            } else {
                let symbol = alphabet.ends(text, index)
                if index > start {
                    let left = before < 0x80 ? alphabet.symbol(ascii: before) : previous
                    isJoined = self.pairs[left, symbol.first] != nil
                }
                previous = symbol.last
                width = symbol.width
            }
            if !isJoined {
                body(start..<index)
                start = index
            }
            index &+= width
        }
        body(start..<index)
    }
}
