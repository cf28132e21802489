/// What the split patterns tell apart.
enum ScalarClass: UInt8, Sendable {
    /// `\p{L}`
    case letter
    /// `\p{N}`
    case number
    /// `[\r\n]`
    case newline
    /// `\s` but for newlines: the Unicode property White_Space.
    case space
    /// `\p{P}`
    case punctuation
    /// All others.
    case other
    /// No scalar: the end of the text.
    case end

    init(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x61...0x7A, 0x41...0x5A: self = .letter
        case 0x30...0x39: self = .number
        case 0x0A, 0x0D: self = .newline
        case 0x20, 0x09, 0x0B, 0x0C: self = .space
        default: self.init(properties: scalar.properties)
        }
    }

    private init(properties: Unicode.Scalar.Properties) {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
        case .decimalNumber, .letterNumber, .otherNumber: self = .number
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            self = .punctuation
        default: self = properties.isWhitespace ? .space : .other
        }
    }

    var isWhitespace: Bool { self == .space || self == .newline }
    /// Whether it is in `[^\s\p{L}\p{N}]`.
    var isSymbol: Bool { self == .punctuation || self == .other }
}
