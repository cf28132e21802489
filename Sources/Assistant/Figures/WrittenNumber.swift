import Finance
import Foundation

/// A number as a customer writes it: `15k`, `$1,200`, `five thousand`, `两千`, `1.5万`, `１２００元`.
///
/// The value is exact. A currency sign or word is allowed and dropped; a sign, an exponent, a second number, or
/// digits grouped in a way nobody groups them make it no number.
struct WrittenNumber: Sendable, Hashable {
    /// The number that was meant; never negative, below 10¹⁵.
    let value: Decimal

    /// Reads a whole text as one number, or fails when it is none.
    init?(_ text: String) {
        guard text.unicodeScalars.count <= Self.maximumLength else { return nil }
        let words = Self.withoutCurrency(Self.folded(text))
        guard !words.isEmpty,
            let value = DigitNumber.value(of: words) ?? EnglishNumber.value(of: words)
                ?? ChineseNumber.value(of: words),
            value < Self.limit
        else { return nil }
        self.value = value
    }

    /// The number as a whole one, when it is.
    var integer: Int? { Int(exactly: NSDecimalNumber(decimal: self.value).doubleValue) }

    /// The longest text, in scalars, that is read as a number.
    static let maximumLength = 48
    private static let limit = Decimal(sign: .plus, exponent: 15, significand: 1)

    /// Lower case, ASCII digits and punctuation for full-width ones, single spaces.
    private static func folded(_ text: String) -> String {
        var folded = String.UnicodeScalarView()
        for scalar in text.lowercased().unicodeScalars {
            switch scalar.value {
            case 0xFF01...0xFF5E: folded.append(Unicode.Scalar(UInt8(scalar.value - 0xFEE0)))
            case 0xFFE5: folded.append("¥")
            case 0x3000, 0xA0: folded.append(" ")
            default: folded.append(scalar)
            }
        }
        return String(folded).split(separator: " ").joined(separator: " ")
    }

    private static let prefixes = [
        "us$", "hk$", "$", "¥", "€", "£", "cny", "rmb", "usd", "eur", "gbp", "hkd", "人民币", "美元",
    ]
    private static let suffixes = [
        "dollars", "dollar", "bucks", "yuan", "euros", "euro", "pounds", "pound", "cny", "rmb", "usd", "eur", "gbp",
        "hkd",
        "人民币", "美元", "美金", "港元", "欧元", "英镑", "块钱", "元钱", "元", "块", "圆", "$",
    ]

    private static func withoutCurrency(_ text: String) -> String {
        var text = text[...]
        if let prefix = self.prefixes.first(where: { text.hasPrefix($0) }) { text.removeFirst(prefix.count) }
        if let suffix = self.suffixes.first(where: { text.hasSuffix($0) }) { text.removeLast(suffix.count) }
        return text.split(separator: " ").joined(separator: " ")
    }
}

/// Digits with an optional scale: `1,234.50`, `15k`, `1.5万`, `2 million`.
private enum DigitNumber {
    private static let scales: [String: Int] = [
        "": 0, "百": 2, "hundred": 2, "千": 3, "k": 3, "thousand": 3, "grand": 3, "万": 4, "w": 4, "十万": 5, "百万": 6,
        "m": 6, "mil": 6, "million": 6, "千万": 7, "亿": 8, "b": 9, "bn": 9, "billion": 9, "十亿": 9,
    ]

    static func value(of text: String) -> Decimal? {
        let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "," || $0 == "." }
        let rest = text.dropFirst(digits.count).trimmingPrefix(" ")
        guard let scale = self.scales[String(rest)], let number = self.plain(digits) else { return nil }
        return number * Decimal(sign: .plus, exponent: scale, significand: 1)
    }

    /// The value of ASCII digits whose groups, if any, are of three.
    private static func plain(_ text: Substring) -> Decimal? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        let groups = whole.split(separator: ",", omittingEmptySubsequences: false)
        guard
            groups.count == 1 || (1...3).contains(groups[0].count) && groups.dropFirst().allSatisfy({ $0.count == 3 }),
            parts.count == 1 || !parts[1].contains(",")
        else { return nil }
        return Decimal(exactly: String(text.replacing(",", with: "")))
    }
}

/// English number words: `five`, `twenty-five`, `two thousand five hundred`, `a hundred and twenty`, `ten grand`.
private enum EnglishNumber {
    static func value(of text: String) -> Decimal? {
        var words = text.split { $0 == " " || $0 == "-" }.map(String.init)
        if words.count > 1, words[0] == "a" || words[0] == "an" {
            if self.scales[words[1]] != nil { words[0] = "one" }
            if words[1] == "couple" || words[1] == "dozen" { words.removeFirst() }
        }
        words.removeAll { $0 == "and" || $0 == "of" }
        guard !words.isEmpty else { return nil }
        var total = 0
        var section = 0
        // What the next word must be below: "twenty five" and "two hundred five" add up, "five six" is two numbers.
        var room = 1000
        var largestScale = Int.max
        for word in words {
            if let unit = NumberWords.english[word] {
                guard unit < room else { return nil }
                section += unit
                room = unit >= 20 ? 10 : 0
            } else if word == "hundred" {
                guard (1..<100).contains(section) else { return nil }
                section *= 100
                room = 100
            } else if let scale = self.scales[word] {
                guard section > 0, scale < largestScale else { return nil }
                total += section * scale
                section = 0
                room = 1000
                largestScale = scale
            } else {
                return nil
            }
        }
        return Decimal(total + section)
    }

    static let scales: [String: Int] = [
        "hundred": 100, "thousand": 1000, "grand": 1000, "k": 1000, "million": 1_000_000, "billion": 1_000_000_000,
    ]
}

/// Chinese numerals: `两千`, `一万五`, `三百零二`, `十五`, `一点五万`, `一二三`.
private enum ChineseNumber {
    static func value(of text: String) -> Decimal? {
        let parts = text.split(separator: "点", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2 else { return nil }
        guard parts.count == 2 else { return self.whole(Array(first)).map { Decimal($0) } }
        // 一点五万: digits, 点, digits, and then at most one scale.
        let fraction = parts[1].prefix { NumberWords.chineseDigits[$0] != nil }
        let scale = parts[1].dropFirst(fraction.count)
        guard let whole = self.whole(Array(first)), !fraction.isEmpty,
            let exponent = ["": 0, "百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8][String(scale)]
        else { return nil }
        let digits = fraction.compactMap { NumberWords.chineseDigits[$0] }.reduce(Decimal(whole)) {
            $0 * 10 + Decimal($1)
        }
        return digits * Decimal(sign: .plus, exponent: exponent - fraction.count, significand: 1)
    }

    private static func whole(_ characters: [Character]) -> Int? {
        guard (1...12).contains(characters.count) else { return nil }
        let digits = characters.compactMap { NumberWords.chineseDigits[$0] }
        if digits.count == characters.count { return digits.reduce(0) { $0 * 10 + $1 } }
        var total = 0
        var section = 0
        var digit: Int?
        var lastUnit = 1
        for character in characters {
            if let value = NumberWords.chineseDigits[character] {
                guard digit == nil || digit == 0 else { return nil }
                digit = value
            } else if let unit = NumberWords.chineseUnits[character] {
                // 十五 is fifteen: only ten may stand without a digit before it.
                guard digit != nil || unit == 10 || section > 0 && unit >= 10_000 else { return nil }
                if unit >= 10_000 {
                    total = (total + section + (digit ?? 0)) * unit
                    section = 0
                } else {
                    guard unit < lastUnit || section == 0 else { return nil }
                    section += (digit ?? 1) * unit
                }
                digit = nil
                lastUnit = unit
            } else {
                return nil
            }
        }
        guard let digit else { return total + section }
        // 一万五 is 15,000 and 三百二 is 320, but 三百零二 is 302.
        let hasZero = characters.dropLast().last.map { NumberWords.chineseDigits[$0] == 0 } ?? false
        return total + section + (lastUnit >= 100 && !hasZero ? digit * lastUnit / 10 : digit)
    }
}

/// The words of both languages that stand for numbers.
enum NumberWords {
    static let english: [String: Int] = [
        "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
        "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
        "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
        "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "couple": 2, "dozen": 12,
    ]
    static let chineseDigits: [Character: Int] = [
        "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
        "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
    ]
    static let chineseUnits: [Character: Int] = [
        "十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000, "拾": 10, "佰": 100, "仟": 1000,
    ]
}
