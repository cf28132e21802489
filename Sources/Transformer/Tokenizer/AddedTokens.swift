/// Tokens that stand outside the merges: control tokens, and words a model was taught whole.
struct AddedTokens: Sendable {
    struct Token: Sendable {
        let id: TokenID
        let content: String
        let isSpecial: Bool
        /// Taken only where no word character touches it.
        let isSingleWord: Bool
        /// Whether white space before, and after, belongs to it.
        let stripsLeft: Bool
        let stripsRight: Bool
        /// Whether it is looked for in the normalised text instead of the original.
        let isNormalized: Bool
    }

    enum Segment {
        case text(String)
        case token(TokenID)
    }

    let tokens: [Token]
    private let idsByContent: [String: TokenID]
    /// Control tokens.
    let specialIDs: Set<TokenID>
    private let ids: Set<TokenID>

    init(_ tokens: [Token]) {
        self.tokens = tokens
        self.idsByContent = Dictionary(tokens.map { ($0.content, $0.id) }) { first, _ in first }
        self.specialIDs = Set(tokens.filter(\.isSpecial).map(\.id))
        self.ids = Set(tokens.map(\.id))
    }

    func id(of content: String) -> TokenID? { self.idsByContent[content] }
    func isSpecial(_ id: TokenID) -> Bool { self.specialIDs.contains(id) }
    func contains(_ id: TokenID) -> Bool { self.ids.contains(id) }

    /// Cuts a text at its added tokens; what lies between is normalised.
    func segments(of text: String, normalizer: Normalizer) -> [Segment] {
        let verbatim = self.tokens.filter { !$0.isNormalized }.map { ($0, $0.content) }
        let normalized = self.tokens.filter(\.isNormalized).map { ($0, normalizer.normalize($0.content)) }
        return Self.cut(text, at: verbatim).flatMap { segment -> [Segment] in
            guard case .text(let text) = segment else { return [segment] }
            return Self.cut(normalizer.normalize(text), at: normalized)
        }
    }

    private static func cut(_ text: String, at tokens: [(Token, content: String)]) -> [Segment] {
        guard !tokens.isEmpty, !text.isEmpty else { return text.isEmpty ? [] : [.text(text)] }
        let scalars = Array(text.unicodeScalars)
        // The longest of the tokens that start at the leftmost place wins.
        let patterns = tokens.map { ($0.0, Array($0.content.unicodeScalars)) }.filter { !$0.1.isEmpty }
            .sorted { $0.1.count > $1.1.count }
        let byFirst = Dictionary(grouping: patterns) { $0.1[0] }
        var segments: [Segment] = []
        var (start, index) = (0, 0)
        while index < scalars.count {
            let match = byFirst[scalars[index]]?.first { scalars[index...].starts(with: $0.1) }
            guard let (token, pattern) = match else {
                index += 1
                continue
            }
            let range = index..<index + pattern.count
            index = range.upperBound
            if token.isSingleWord, self.touchesWord(scalars, range) { continue }
            var (lower, upper) = (range.lowerBound, range.upperBound)
            if token.stripsLeft { while lower > start, self.isSpace(scalars[lower - 1]) { lower -= 1 } }
            if token.stripsRight { while upper < scalars.count, self.isSpace(scalars[upper]) { upper += 1 } }
            if lower > start { segments.append(.text(self.string(scalars[start..<lower]))) }
            segments.append(.token(token.id))
            (start, index) = (upper, upper)
        }
        if start < scalars.count { segments.append(.text(self.string(scalars[start...]))) }
        return segments
    }

    private static func touchesWord(_ scalars: [Unicode.Scalar], _ range: Range<Int>) -> Bool {
        (range.lowerBound > 0 && self.isWord(scalars[range.lowerBound - 1]))
            || (range.upperBound < scalars.count && self.isWord(scalars[range.upperBound]))
    }

    /// `\w`: letters, marks, decimal digits, letter numbers, connectors and joiners (UTS #18).
    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.properties.isAlphabetic || scalar.properties.isJoinControl { return true }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return false
        }
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { ScalarClass(scalar).isWhitespace }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }
}
