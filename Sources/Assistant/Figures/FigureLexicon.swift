/// The figures and names that a wording may hold, and how to find them in it: whole, and meaning what they mean in
/// the facts.
struct FigureLexicon: Sendable {
    /// A text that may be quoted.
    struct Literal: Sendable {
        let scalars: [Unicode.Scalar]
        let nature: FactLine.Nature
        /// Which lines of the fact sheet write it so; none for the customer's own words.
        var lines: [Int] = []
    }

    /// A quotation found in a text.
    struct Match: Sendable {
        let range: Range<Int>
        let literal: Int
    }

    /// The longest first.
    let literals: [Literal]

    /// - Parameters:
    ///   - sheet: The facts of this request.
    ///   - ownWords: What the customer wrote and the tool used, such as the bounds of a search.
    init(sheet: FactSheet, ownWords: [String]) {
        var literals: [String: Literal] = [:]
        func add(_ text: String, _ nature: FactLine.Nature, line: Int?) {
            guard !text.isEmpty else { return }
            var literal = literals[text] ?? Literal(scalars: Array(text.unicodeScalars), nature: nature)
            if let line, !literal.lines.contains(line) { literal.lines.append(line) }
            literals[text] = literal
        }
        for (index, line) in sheet.lines.enumerated() {
            for form in line.forms { add(form, line.nature, line: index) }
            if line.nature == .passage {
                for figure in FigureScanner(Array(line.rendering.unicodeScalars)).literals {
                    add(figure, .count, line: index)
                }
            }
        }
        for word in ownWords { add(word, .count, line: nil) }
        self.literals = literals.values.sorted { left, right in
            left.scalars.count == right.scalars.count
                ? left.scalars.lexicographicallyPrecedes(right.scalars, by: { $0.value < $1.value })
                : left.scalars.count > right.scalars.count
        }
    }

    /// The quotations in a text, from left to right, at each place the longest.
    func matches(in text: [Unicode.Scalar]) -> [Match] {
        var matches: [Match] = []
        var index = 0
        while index < text.count {
            let found = self.literals.firstIndex { literal in
                text[index...].starts(with: literal.scalars)
                    && Surroundings(
                        text, index..<index + literal.scalars.count,
                        followsQuotation: matches.last?.range.upperBound == index
                    ).leaveAlone(literal.nature)
            }
            guard let found else {
                index += 1
                continue
            }
            matches.append(Match(range: index..<index + self.literals[found].scalars.count, literal: found))
            index += self.literals[found].scalars.count
        }
        return matches
    }
}
