/// Finds what stands for a number in a text: digits of any script, number words, and Chinese numerals that count
/// something.
///
/// Not every 一 is a number: 一起, 一般 and 上一笔 hold none, while 一笔, 两个 and 三十 do. The rule is that numerals are a
/// figure when two or more stand together or when a measure word follows.
struct FigureScanner: Sendable {
    private let scalars: [Unicode.Scalar]

    init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

    /// The places of the bare figures, without their signs and units.
    var atoms: [Range<Int>] {
        var atoms: [Range<Int>] = []
        var index = 0
        while index < self.scalars.count {
            let scalar = self.scalars[index]
            var end = index + 1
            if scalar.isFigureDigit {
                end = self.end(from: index) { $0.isFigureDigit }
                atoms.append(index..<end)
            } else if scalar.isLatin {
                end = self.end(from: index) { $0.isLatin || $0.isFigureDigit }
                // Letters and digits in one word, such as 15k, are one figure.
                let word = self.scalars[index..<end]
                if word.contains(where: \.isFigureDigit) || Self.words.contains(Self.folded(word)) {
                    atoms.append(index..<end)
                }
            } else if scalar.isHanNumeral {
                end = self.end(from: index) { $0.isHanNumeral }
                if self.isFigure(index..<end) { atoms.append(index..<end) }
            }
            index = end
        }
        return atoms
    }

    /// The figures as they must be quoted: each with its sign and currency before it, its fraction, and its unit
    /// after it.
    var literals: [String] {
        self.atoms.reduce(into: [Range<Int>]()) { whole, atom in
            let range = self.widened(atom)
            if let last = whole.last, range.lowerBound < last.upperBound {
                whole[whole.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                whole.append(range)
            }
        }.map { range in self.scalars[range].reduce(into: "") { $0.unicodeScalars.append($1) } }
    }

    private func end(from start: Int, while matches: (Unicode.Scalar) -> Bool) -> Int {
        self.scalars[start...].firstIndex { !matches($0) } ?? self.scalars.count
    }

    private func isFigure(_ run: Range<Int>) -> Bool {
        let text = self.scalars[run].reduce(into: "") { $0.unicodeScalars.append($1) }
        if Self.idioms.contains(text) { return false }
        if run.count > 1 { return true }
        let before = run.lowerBound > 0 ? self.scalars[run.lowerBound - 1] : " "
        if before == "之" { return true }
        let after = run.upperBound < self.scalars.count ? self.scalars[run.upperBound] : " "
        // 星期三 and 周一 are days, but 上周一共 is not.
        if Self.weeks.contains(before) { return text != "一" || !Self.adverbs.contains(after) }
        if text == "一", Self.determiners.contains(before) { return false }
        return Self.measures.contains(after)
    }

    private func widened(_ atom: Range<Int>) -> Range<Int> {
        var (start, end) = (atom.lowerBound, atom.upperBound)
        // The groups and the fraction of a number: 1,234.56.
        while end + 1 < self.scalars.count, self.scalars[end] == "," || self.scalars[end] == ".",
            self.scalars[end + 1].isFigureDigit
        {
            end = self.end(from: end + 1) { $0.isFigureDigit }
        }
        while start > 0, Self.openers.contains(self.scalars[start - 1]) { start -= 1 }
        if end < self.scalars.count, Self.closers.contains(self.scalars[end]) {
            end += 1
        } else {
            while end < self.scalars.count, Self.measures.contains(self.scalars[end]) || self.scalars[end].isHanNumeral
            {
                end += 1
            }
        }
        return start..<end
    }

    private static func folded(_ word: ArraySlice<Unicode.Scalar>) -> String {
        word.reduce(into: "") { text, scalar in
            let isFullWidth = (0xFF21...0xFF5A).contains(scalar.value)
            text.unicodeScalars.append(isFullWidth ? Unicode.Scalar(UInt8(scalar.value - 0xFEE0)) : scalar)
        }.lowercased()
    }

    static let words = Set(NumberWords.english.keys).union([
        "hundred", "hundreds", "thousand", "thousands", "million", "millions", "billion", "billions", "trillion",
        "dozens",
        "half", "double", "twice", "third", "thirds", "triple", "percent", "minus", "negative",
    ])
    static let openers = Set("-−+$¥￥€£".unicodeScalars)
    static let closers = Set("%％‰".unicodeScalars)
    static let measures = Set("万亿元块角分美港日月年天号周点时秒倍成折笔个张次项家条户种期位份岁".unicodeScalars)
    private static let idioms: Set<String> = ["万一", "十分", "千万", "一一"]
    private static let weeks = Set("周期拜".unicodeScalars)
    private static let adverbs = Set("共起直般些定样切并律".unicodeScalars)
    private static let determiners = Set("每第最近上下这那同任某另".unicodeScalars)
}

extension Unicode.Scalar {
    /// Whether the scalar is a digit or a number sign of any script other than an ideograph.
    var isFigureDigit: Bool {
        !self.isHan && (self.properties.numericType != nil || self.properties.generalCategory == .decimalNumber)
    }

    /// Whether the scalar is a Chinese numeral, plain or in the form used on cheques.
    var isHanNumeral: Bool { Self.hanNumerals.contains(self) }

    private static let hanNumerals = Set("零〇一二两三四五六七八九十百千万亿半壹贰叁肆伍陆柒捌玖拾佰仟负".unicodeScalars)
}
