/// What stands beside a quotation, which must not change what it says: `$45.00` is not quoted by `-$45.00`, `$45.00k`
/// or `1$45.00`.
struct Surroundings: Sendable {
    private let text: [Unicode.Scalar]
    private let range: Range<Int>
    private let followsQuotation: Bool

    /// - Parameter followsQuotation: Whether another quotation ends where this one starts.
    init(_ text: [Unicode.Scalar], _ range: Range<Int>, followsQuotation: Bool) {
        self.text = text
        self.range = range
        self.followsQuotation = followsQuotation
    }

    func leaveAlone(_ nature: FactLine.Nature) -> Bool { self.leaveStartAlone(nature) && self.leaveEndAlone(nature) }

    private func scalar(_ index: Int) -> Unicode.Scalar? { self.text.indices.contains(index) ? self.text[index] : nil }

    private func leaveStartAlone(_ nature: FactLine.Nature) -> Bool {
        let first = self.text[self.range.lowerBound]
        guard let before = self.scalar(self.range.lowerBound - 1) else { return true }
        // Chinese writes an amount right behind a name.
        if self.followsQuotation, before.isLatin, first.isFigureDigit { return true }
        if first.isWordlike, !first.isHan, before.isWordlike, !before.isHan { return false }
        guard first.isFigureDigit || first.isHanNumeral || FigureScanner.openers.contains(first) else { return true }
        if FigureScanner.openers.contains(before) || before.isFigureDigit || before.isHanNumeral { return false }
        // 1.5 and 1,5 and 1/5 and 1:5 are not 5, though "is: 5" is.
        if Self.joiners.contains(before), self.scalar(self.range.lowerBound - 2)?.isFigureDigit ?? true { return false }
        if before == "•" || before == "第" { return false }
        guard nature == .count else { return true }
        return !"年月".unicodeScalars.contains(before)
            && !Self.wordsBeforeOtherNumbers.contains(self.word(endingBefore: self.range.lowerBound))
    }

    private func leaveEndAlone(_ nature: FactLine.Nature) -> Bool {
        let last = self.text[self.range.upperBound - 1]
        guard let after = self.scalar(self.range.upperBound) else { return true }
        if last.isWordlike, !last.isHan, after.isWordlike, !after.isHan, !last.isLatin || !after.isFigureDigit {
            return false
        }
        let following = self.word(startingAt: self.range.upperBound)
        guard last.isFigureDigit || last.isHanNumeral else {
            return !last.isHan || nature != .count || !after.isHanNumeral
        }
        if after.isHanNumeral || FigureScanner.closers.contains(after) || "元块美港倍成折".unicodeScalars.contains(after) {
            return false
        }
        if Self.joiners.contains(after) || after == "-" || after == "–",
            self.scalar(self.range.upperBound + 1)?.isFigureDigit ?? false
        {
            return false
        }
        if Self.unitsOfMoneyAndScale.contains(following) { return false }
        guard nature == .count else { return true }
        if "年月日天号周点时秒期岁".unicodeScalars.contains(after) { return false }
        if after == "个", self.scalar(self.range.upperBound + 1).map({ "月星季小".unicodeScalars.contains($0) }) ?? false {
            return false
        }
        return !Self.unitsOfTimeAndShare.contains(following)
    }

    private func word(endingBefore end: Int) -> String {
        var start = end
        while let scalar = self.scalar(start - 1), start == end, scalar == " " { start -= 1 }
        let last = start
        while let scalar = self.scalar(start - 1), scalar.isLatin || scalar == "." { start -= 1 }
        return self.text[start..<last].reduce(into: "") { $0.unicodeScalars.append($1) }.lowercased()
    }

    private func word(startingAt start: Int) -> String {
        var first = start
        while let scalar = self.scalar(first), scalar == " " || scalar == "-" { first += 1 }
        return self.text[first...].prefix(while: \.isLatin).reduce(into: "") { $0.unicodeScalars.append($1) }
            .lowercased()
    }

    private static let joiners = Set(".,/:".unicodeScalars)
    private static let wordsBeforeOtherNumbers: Set<String> = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "january",
        "february", "march",
        "april", "june", "july", "august", "september", "october", "november", "december", "no.", "usd", "cny", "rmb",
        "eur",
        "gbp", "hkd", "jpy",
    ]
    private static let unitsOfMoneyAndScale: Set<String> = [
        "k", "m", "bn", "hundred", "thousand", "million", "billion", "trillion", "dozen", "usd", "cny", "rmb", "eur",
        "gbp", "hkd",
        "jpy", "dollar", "dollars", "yuan", "euro", "euros", "pound", "pounds", "yen", "cent", "cents", "grand",
    ]
    private static let unitsOfTimeAndShare: Set<String> = [
        "percent", "percentage", "pct", "bp", "bps", "point", "points", "second", "seconds", "minute", "minutes",
        "hour", "hours",
        "day", "days", "week", "weeks", "month", "months", "quarter", "quarters", "year", "years", "am", "pm", "st",
        "nd", "rd", "th",
    ]
}
