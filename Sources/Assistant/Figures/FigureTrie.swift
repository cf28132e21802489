/// The figures of a lexicon as byte strings: what has to stand before the first digit, and from there the whole figure.
struct FigureTrie: Sendable {
    /// How many bytes before a figure count.
    static let longestLead = 96

    /// Every figure from its first digit on; figures with different beginnings share nothing.
    private(set) var nodes = ByteTrie()
    private var leads: [(bytes: [UInt8], root: ByteTrie.Node)] = []

    init(_ lexicon: FigureLexicon) {
        var places: [[UInt8]: Int] = [:]
        for literal in lexicon.literals {
            guard let atom = FigureScanner(literal.scalars).atoms.first else { continue }
            let lead = Array(literal.scalars[..<atom.lowerBound].utf8.suffix(Self.longestLead - 8))
            let place = places[lead] ?? places.count
            places[lead] = place
            // The first two bytes only keep apart figures that follow different beginnings.
            let key = [UInt8(truncatingIfNeeded: place >> 8), UInt8(truncatingIfNeeded: place)]
            self.nodes.insert(key + literal.scalars[atom.lowerBound...].utf8, value: 0)
        }
        for (lead, place) in places {
            let key = [UInt8(truncatingIfNeeded: place >> 8), UInt8(truncatingIfNeeded: place)]
            let root = key.reduce(ByteTrie.root) { node, byte in self.nodes.step(from: node, by: byte) ?? node }
            self.leads.append((lead, root))
        }
    }

    /// The figures that may start with a byte after a text.
    func entries(for byte: UInt8, after tail: [UInt8]) -> [ByteTrie.Node] {
        self.leads.compactMap { lead in
            guard let node = self.nodes.step(from: lead.root, by: byte),
                tail.suffix(lead.bytes.count) == lead.bytes[...],
                !Self.spoils(tail.dropLast(lead.bytes.count))
            else { return nil }
            return node
        }
    }

    /// Whether a text ends with a mark that would make another figure of one that follows, such as a minus sign.
    private static func spoils(_ tail: ArraySlice<UInt8>) -> Bool {
        self.spoilers.contains { tail.suffix($0.count) == $0[...] }
    }

    private static let spoilers = ["$", "-", "+", "−", "¥", "￥", "€", "£", "•"].map { Array($0.utf8) }

    /// Whether bytes are a character that multiplies the digit before it.
    static func isScale(_ bytes: [UInt8]) -> Bool { self.scales.contains(bytes) }

    private static let scales = Set("万亿千百十倍成折".map { Array(String($0).utf8) })
}

extension ArraySlice<Unicode.Scalar> {
    /// The scalars as UTF-8.
    var utf8: [UInt8] { self.flatMap { Array(String($0).utf8) } }
}
