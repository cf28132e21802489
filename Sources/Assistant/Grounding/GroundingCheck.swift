import Foundation
import TellerMessages

/// Holds a wording against the findings it is to be about.
///
/// A wording passes when all that it says can be traced: each figure whole and with its unit to a fact of this
/// request, to the customer's own words or to the cited article; each name to a fact or the question; each statement
/// of an article to its sentences. It is one pass over one reading of the text, and what fails first is the reason.
struct GroundingCheck: Sendable {
    static let maximumLength = 1200

    private let findings: Findings
    private let question: String
    private let lexicon: FigureLexicon

    init(findings: Findings, question: String) {
        self.findings = findings
        self.question = question
        self.lexicon = findings.figures
    }

    private var lines: [FactLine] { self.findings.sheet.lines }

    /// What the wording does wrong, or `nil` when nothing.
    func violation(in wording: String) -> Violation? {
        let text = Array(wording.unicodeScalars)
        guard text.contains(where: { !$0.properties.isWhitespace }) else { return .empty }
        guard text.count <= Self.maximumLength else { return .tooLong }
        guard text.allSatisfy({ $0.isPlain || $0 == "\n" }) else { return .unprintable }
        let matches = self.lexicon.matches(in: text)
        let rest = Self.rest(of: text, without: matches)
        if Self.holdsMarkup(rest) { return .markup }
        if !FigureScanner(rest).atoms.isEmpty { return .inventedFigure }
        if let missing = self.missingFact(among: matches) { return .missingFact(name: missing) }
        if !self.isInLanguage(rest) { return .wrongLanguage }
        if self.holdsUnknownName(rest) { return .unknownName }
        if !self.keepsRowsTogether(matches) || !self.keepsOrder(matches) || !self.keepsLabels(matches, rest) {
            return .mixedFacts
        }
        if !self.isSupported(wording) { return .unsupportedStatement }
        return nil
    }

    /// The text with a mark, which is no letter and no space, in place of each quotation.
    private static func rest(of text: [Unicode.Scalar], without matches: [FigureLexicon.Match]) -> [Unicode.Scalar] {
        var rest: [Unicode.Scalar] = []
        var index = 0
        for match in matches {
            rest += text[index..<match.range.lowerBound]
            rest.append("\u{FFFC}")
            index = match.range.upperBound
        }
        return rest + text[index...]
    }

    private static func holdsMarkup(_ text: [Unicode.Scalar]) -> Bool {
        if text.contains(where: { "<>[]{}`*#_|\\@~^=".unicodeScalars.contains($0) }) { return true }
        let words = text.reduce(into: "") { $0.unicodeScalars.append($1) }.lowercased()
        if words.contains("://") || words.contains("www.") { return true }
        // A full stop between two letters is how a host name or an abbreviation such as e.g. looks; neither belongs
        // in an answer.
        return text.indices.dropFirst().dropLast().contains { index in
            text[index] == "." && text[index - 1].isLatin && text[index + 1].isLatin
        }
    }

    // MARK: - Facts

    private func missingFact(among matches: [FigureLexicon.Match]) -> String? {
        var stock = matches.map { self.lexicon.literals[$0.literal] }
        for (index, line) in self.lines.enumerated() where line.isRequired {
            guard let found = stock.firstIndex(where: { $0.lines.contains(index) }) else { return line.fact.name }
            stock.remove(at: found)
        }
        return nil
    }

    /// Whether the facts of each row stand together: a new row begins where a column comes again.
    private func keepsRowsTogether(_ matches: [FigureLexicon.Match]) -> Bool {
        var columns: Set<String> = []
        var rows: Set<Int>?
        for match in matches {
            let lines = self.lexicon.literals[match.literal].lines.map { self.lines[$0] }
            // What is also a fact of its own, such as a total that equals its only amount, ties to no row.
            guard !lines.isEmpty, lines.allSatisfy({ $0.row != nil && $0.nature != .passage }) else { continue }
            let here = Set(lines.map(\.column))
            if !columns.isDisjoint(with: here) { (columns, rows) = ([], nil) }
            let candidates = Set(lines.compactMap(\.row))
            let common = rows?.intersection(candidates) ?? candidates
            guard !common.isEmpty else { return false }
            rows = common
            columns.formUnion(here)
        }
        return true
    }

    /// Whether a balance comes before what is available and that before the limit, as in the facts, so that none is
    /// taken for another.
    private func keepsOrder(_ matches: [FigureLexicon.Match]) -> Bool {
        let told = matches.compactMap { match -> Int? in
            let lines = self.lexicon.literals[match.literal].lines
            guard lines.count == 1 else { return nil }
            return ["balance", "available", "limit"].firstIndex(of: self.lines[lines[0]].fact.name)
        }
        return zip(told, told.dropFirst()).allSatisfy { $0 <= $1 }
    }

    /// Whether no amount is told more often than facts have it, and what is called available, a limit or a total is
    /// told with the fact of that name.
    private func keepsLabels(_ matches: [FigureLexicon.Match], _ rest: [Unicode.Scalar]) -> Bool {
        let told = Dictionary(grouping: matches, by: \.literal).mapValues(\.count)
        let isRepeated = told.contains { literal, count in
            let lines = self.lexicon.literals[literal].lines.map { self.lines[$0] }
            return !lines.isEmpty && lines.allSatisfy(\.isMoney) && count > lines.count
        }
        guard !isRepeated else { return false }
        let text = rest.reduce(into: "") { $0.unicodeScalars.append($1) }.lowercased()
        let names = Set(told.keys.flatMap { self.lexicon.literals[$0].lines.map { self.lines[$0].fact.name } })
        return Self.labels.allSatisfy { name, words in
            names.contains(name) || !words.contains(where: { text.contains($0) })
        }
    }

    private static let labels = [
        "available": ["available", "可用"], "limit": ["limit", "额度"], "total": [" total", "合计", "总计", "总额"],
    ]

    // MARK: - Words

    private func isInLanguage(_ rest: [Unicode.Scalar]) -> Bool {
        switch self.findings.language {
        case .english: !rest.contains(where: \.isHan)
        case .chinese: rest.contains(where: \.isHan) || !rest.contains(where: \.isLatin)
        }
    }

    /// Whether a name is told that nobody mentioned: in English a capitalised word inside a sentence, in Chinese any
    /// Latin word.
    private func holdsUnknownName(_ rest: [Unicode.Scalar]) -> Bool {
        let known = Set(
            (self.lines.map(\.rendering) + [self.question, "I"]).flatMap {
                Self.latinWords(in: Array($0.unicodeScalars))
            }
            .map { $0.text.lowercased() })
        return Self.latinWords(in: rest).contains { word in
            let isName = self.findings.language == .chinese || word.isCapitalised && !word.startsSentence
            return isName && !known.contains(word.text.lowercased())
        }
    }

    private struct Word {
        var text = ""
        var startsSentence = false
        var isCapitalised: Bool { self.text.unicodeScalars.first?.properties.isUppercase ?? false }
    }

    private static func latinWords(in text: [Unicode.Scalar]) -> [Word] {
        var words: [Word] = []
        var startsSentence = true
        var isInside = false
        for scalar in text {
            if scalar.isLatin {
                if !isInside { words.append(Word(startsSentence: startsSentence)) }
                words[words.count - 1].text.unicodeScalars.append(scalar)
                startsSentence = false
            } else if ".!?\n".unicodeScalars.contains(scalar) {
                startsSentence = true
            } else if !scalar.properties.isWhitespace {
                startsSentence = false
            }
            isInside = scalar.isLatin
        }
        return words
    }

    // MARK: - Articles

    /// Whether each sentence is one of the article's, but for one that leads in with words of the question and the
    /// title.
    private func isSupported(_ wording: String) -> Bool {
        let passages = self.lines.filter { $0.nature == .passage }.map { Self.bare($0.rendering) }
        guard !passages.isEmpty else { return true }
        let told = Sentences(wording).list
        let own = told.filter { !passages.contains(Self.bare($0)) }
        let known = Set(Terms(self.question + "\n" + (self.findings.sheet["title"] ?? "")).list)
        return own.count < told.count && own.count <= 1 && own.allSatisfy { known.isSuperset(of: Terms($0).list) }
    }

    private static func bare(_ sentence: String) -> String {
        String(
            sentence.lowercased().unicodeScalars.filter {
                !$0.properties.isWhitespace && !".。!！?？".unicodeScalars.contains($0)
            })
    }
}
