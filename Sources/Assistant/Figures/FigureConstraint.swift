import Transformer

/// What a model may write when it words facts: anything, but digits only along a path in the trie of the lexicon's
/// figures.
///
/// A figure starts only after what stands before it in the facts (`$`, `Nov `, `••`) and has to be completed, so that
/// a figure can be left out but not made up. It is read byte by byte and holds every figure that may still be meant,
/// because `1,234` may go on to `1,234.56` or end a clause.
struct FigureConstraint: TextConstraint {
    /// How a text stands that is in no figure.
    private enum Outside: Sendable {
        case text
        /// A digit has just ended a figure.
        case afterFigure
        /// A figure and then a mark that could go on with it, such as the point in `1,234.`.
        case afterJoiner
    }

    private let trie: FigureTrie
    /// What was written last, as much as any figure needs before it.
    private var tail: [UInt8] = []
    private var inside: [ByteTrie.Node] = []
    private var outside: Outside? = .text

    init(_ lexicon: FigureLexicon) { self.trie = FigureTrie(lexicon) }

    var mayEnd: Bool { self.outside != nil }

    func accepts(_ bytes: [UInt8]) -> Bool {
        var copy = self
        return copy.step(bytes)
    }

    /// Appends bytes that ``accepts(_:)`` allows; others leave the constraint where it is.
    mutating func append(_ bytes: [UInt8]) {
        var copy = self
        if copy.step(bytes) { self = copy }
    }

    private mutating func step(_ bytes: [UInt8]) -> Bool {
        for byte in bytes {
            var inside = self.inside.compactMap { self.trie.nodes.step(from: $0, by: byte) }
            var outside = self.outside.flatMap { self.next($0, byte) }
            if self.outside == .text { inside += self.trie.entries(for: byte, after: self.tail) }
            self.tail.append(byte)
            if self.tail.count > FigureTrie.longestLead {
                self.tail.removeFirst(self.tail.count - FigureTrie.longestLead)
            }
            // A figure that ends here may be over, and another that goes on may still be meant.
            if inside.contains(where: { self.trie.nodes.value(at: $0) != nil }) {
                outside = Self.isDigit(byte) ? .afterFigure : outside ?? .text
            }
            inside.removeAll { !self.trie.nodes.continues(from: $0) }
            guard outside != nil || !inside.isEmpty else { return false }
            self.inside = inside
            self.outside = outside
        }
        return true
    }

    /// Where a byte that belongs to no figure of the lexicon leads.
    private func next(_ state: Outside, _ byte: UInt8) -> Outside? {
        if Self.isDigit(byte) { return nil }
        switch byte {
        // A full-width digit or per cent sign is EF BC 85 or 90…99, a middle byte of no other character.
        case 0x85 where self.tail.suffix(2) == [0xEF, 0xBC], 0x90...0x99 where self.tail.suffix(2) == [0xEF, 0xBC]:
            return nil
        case UInt8(ascii: "%") where state == .afterFigure: return nil
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            return state == .text ? .text : nil
        case UInt8(ascii: ","), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "-"):
            return state == .afterFigure ? .afterJoiner : .text
        default:
            return FigureTrie.isScale(self.tail.suffix(2) + [byte]) && Self.isDigit(self.tail.dropLast(2).last)
                ? nil : .text
        }
    }

    private static func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
}
