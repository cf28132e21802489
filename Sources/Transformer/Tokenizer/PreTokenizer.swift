/// Cuts text into the pieces within which tokens are merged.
enum PreTokenizer: Sendable, Hashable {
    /// When a space is put before a text that does not start with one.
    enum SpacePrefix: Sendable, Hashable {
        case never
        /// Where nothing comes before the text, not even a control token.
        case first
        case always
    }

    /// By patterns, applied one after the other, each to the pieces of the one before.
    case patterns([SplitPattern])
    /// As SentencePiece does: not at all, or before each space.
    case spaces(prefix: SpacePrefix, cuts: Bool)

    /// Whether a space is to be put before this text.
    func needsPrefix(_ text: String, isFirst: Bool) -> Bool {
        guard case .spaces(let prefix, _) = self, !text.isEmpty, !text.utf8.starts(with: [UInt8(ascii: " ")]) else {
            return false
        }
        return prefix == .always || (prefix == .first && isFirst)
    }

    /// Calls the body with the bytes of each piece, in order; together they are the text.
    @inline(__always)
    func forEachPiece(of text: ScannedText, _ body: (Range<Int>) -> Void) {
        switch self {
        case .spaces(_, cuts: false): if text.count > 0 { body(0..<text.count) }
        case .spaces(_, cuts: true): Self.cutBeforeSpaces(text, body)
        case .patterns(let patterns):
            if patterns.count == 1 {
                Self.cut(text, 0..<text.count, by: patterns[0], body)
            } else {
                Self.cut(text, 0..<text.count, by: patterns[...], body)
            }
        }
    }

    @inline(__always)
    private static func cut(
        _ text: ScannedText, _ range: Range<Int>, by pattern: SplitPattern, _ body: (Range<Int>) -> Void
    ) {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = pattern.end(ofPieceAt: start, in: text, before: range.upperBound)
            body(start..<end)
            start = end
        }
    }

    private static func cut(
        _ text: ScannedText, _ range: Range<Int>, by patterns: ArraySlice<SplitPattern>, _ body: (Range<Int>) -> Void
    ) {
        guard let pattern = patterns.first else { return range.isEmpty ? () : body(range) }
        self.cut(text, range, by: pattern) { piece in self.cut(text, piece, by: patterns.dropFirst(), body) }
    }

    private static func cutBeforeSpaces(_ text: ScannedText, _ body: (Range<Int>) -> Void) {
        var start = 0
        for index in 0..<text.count where text.bytes[index] == UInt8(ascii: " ") && index > start {
            body(start..<index)
            start = index
        }
        if start < text.count { body(start..<text.count) }
    }
}
