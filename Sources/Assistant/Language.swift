/// A language that the assistant answers in.
public enum Language: String, Sendable, Hashable, CaseIterable {
    case english = "en"
    case chinese = "zh"

    /// The language of a request: that of its locale when there is one that the assistant speaks, else that of the
    /// question.
    ///
    /// - Parameters:
    ///   - locale: A BCP 47 tag such as `en-US` or `zh-Hans-CN`; only its primary subtag counts.
    ///   - question: The customer's text, read when the locale decides nothing.
    public init(locale: String?, question: String) {
        let primary = locale?.prefix { $0 != "-" && $0 != "_" }.lowercased()
        self = primary.flatMap(Language.init(rawValue:)) ?? Language(of: question)
    }

    /// The language that most of a text is written in, by its letters.
    ///
    /// One Han character weighs as much as two Latin letters, so a Chinese sentence with an English merchant in it
    /// is Chinese. A text without letters is English.
    public init(of text: String) {
        var han = 0
        var latin = 0
        for scalar in text.unicodeScalars {
            if scalar.isHan { han += 2 } else if scalar.properties.isAlphabetic { latin += 1 }
        }
        self = han > 0 && han * 2 >= latin ? .chinese : .english
    }
}

extension Unicode.Scalar {
    /// Whether this is an ideograph of the unified Han blocks, the extension blocks included.
    var isHan: Bool {
        switch self.value {
        case 0x3007, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x323AF: true
        default: false
        }
    }

    /// Whether this is a Latin letter, with or without a mark, half or full width.
    var isLatin: Bool {
        switch self.value {
        case 0xD7, 0xF7: false
        case 0x41...0x5A, 0x61...0x7A, 0xC0...0x24F: true
        case 0x1E00...0x1EFF, 0xFF21...0xFF3A, 0xFF41...0xFF5A: true
        default: false
        }
    }

    /// The value of an ASCII or full-width decimal digit.
    var decimalDigit: Int? {
        switch self.value {
        case 0x30...0x39: Int(self.value) - 0x30
        case 0xFF10...0xFF19: Int(self.value) - 0xFF10
        default: nil
        }
    }
}
