/// The pieces of a question that a plan may quote: they start and end where words do.
///
/// A piece has at most 40 scalars, begins and ends with a letter or digit (or ends with one of
/// `+)%`), and holds no control or format character and no semicolon, so that no question can break the plan line.
struct QuestionSpans: Sendable {
    /// A piece that is being read: how far it got, and the furthest place where it may still end.
    struct Reading: Sendable {
        var position: Int
        let limit: Int
    }

    private static let maximumLength = 40

    private let bytes: [UInt8]
    private let isEnd: [Bool]
    private let starts: [UInt8: [Reading]]

    init(_ question: String) {
        let scalars = Array(question.unicodeScalars)
        var offsets = [0]
        for scalar in scalars { offsets.append(offsets[offsets.count - 1] + UTF8.width(scalar)) }
        var isEnd = [Bool](repeating: false, count: offsets[scalars.count] + 1)
        for index in scalars.indices where Self.mayEnd(scalars, after: index) { isEnd[offsets[index + 1]] = true }
        self.bytes = Array(question.utf8)
        self.isEnd = isEnd
        var starts: [UInt8: [Reading]] = [:]
        for index in scalars.indices where Self.mayStart(scalars, at: index) {
            let window = scalars[index..<min(index + Self.maximumLength, scalars.count)]
            let run = window.prefix { $0.isPlain && $0 != ";" }
            guard let last = run.indices.last(where: { isEnd[offsets[$0 + 1]] }) else { continue }
            starts[self.bytes[offsets[index]], default: []]
                .append(Reading(position: offsets[index], limit: offsets[last + 1]))
        }
        self.starts = starts
    }

    var isEmpty: Bool { self.starts.isEmpty }

    /// The readings that begin with a byte.
    func readings(startingWith byte: UInt8) -> [Reading] {
        self.starts[byte, default: []].map { Reading(position: $0.position + 1, limit: $0.limit) }
    }

    /// The readings among these that go on with a byte.
    func advance(_ readings: [Reading], by byte: UInt8) -> [Reading] {
        readings.compactMap { reading in
            guard reading.position < reading.limit, self.bytes[reading.position] == byte else { return nil }
            return Reading(position: reading.position + 1, limit: reading.limit)
        }
    }

    /// The byte that comes next in the only reading there is; nil where it may end.
    func onlyByte(after readings: [Reading]) -> UInt8? {
        guard readings.count == 1, !self.isEnd[readings[0].position] else { return nil }
        return self.bytes[readings[0].position]
    }

    /// Whether one of the readings is whole.
    func mayEnd(_ readings: [Reading]) -> Bool { readings.contains { self.isEnd[$0.position] } }

    /// The pieces of a question that an argument takes as a number, the longest first at each place.
    static func numbers(in question: String, for argument: Argument) -> [String] {
        let scalars = Array(question.unicodeScalars)
        var found: [String] = []
        for start in scalars.indices where self.mayStartNumber(scalars, at: start) {
            for end in (start..<min(start + WrittenNumber.maximumLength / 2, scalars.count)).reversed()
            where self.mayEnd(scalars, after: end) {
                var piece = String.UnicodeScalarView()
                piece.append(contentsOf: scalars[start...end])
                if argument.accepts(String(piece)) { found.append(String(piece)) }
            }
        }
        return found
    }

    private static func mayStart(_ scalars: [Unicode.Scalar], at index: Int) -> Bool {
        scalars[index].isWordlike && !scalars[index].isMark && self.isBreak(scalars, before: index)
    }

    private static func mayStartNumber(_ scalars: [Unicode.Scalar], at index: Int) -> Bool {
        scalars[index].isWordlike
            ? self.isBreak(scalars, before: index) : "$¥￥€£".unicodeScalars.contains(scalars[index])
    }

    private static func mayEnd(_ scalars: [Unicode.Scalar], after index: Int) -> Bool {
        (scalars[index].isWordlike || "+)%".unicodeScalars.contains(scalars[index]))
            && self.isBreak(scalars, before: index + 1)
    }

    /// Whether a word may begin at a place: not inside a Latin word, and not inside a number such as `1,200.50`.
    private static func isBreak(_ scalars: [Unicode.Scalar], before index: Int) -> Bool {
        guard index > 0, index < scalars.count else { return true }
        let before = scalars[index - 1]
        let after = scalars[index]
        if before.isWordlike, after.isWordlike { return before.isHan || after.isHan }
        if before.decimalDigit != nil, after == "," || after == "." {
            return index + 1 == scalars.count || scalars[index + 1].decimalDigit == nil
        }
        if before == "," || before == ".", after.decimalDigit != nil {
            return index < 2 || scalars[index - 2].decimalDigit == nil
        }
        return true
    }
}

extension Unicode.Scalar {
    /// Whether the scalar is a mark on the letter before it.
    var isMark: Bool { [.nonspacingMark, .spacingMark].contains(self.properties.generalCategory) }

    /// Whether the scalar is part of a word: a letter, a mark, a digit or an ideograph.
    var isWordlike: Bool {
        switch self.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber, .letterNumber:
            true
        default: false
        }
    }
}
