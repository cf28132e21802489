import Foundation

/// What is done to text before it is cut.
enum Normalizer: Sendable, Hashable {
    case none
    /// Unicode Normalization Form C.
    case canonicalComposition
    /// As SentencePiece: a space and its sign `▁` are the same. With a prefix, each text gets a space before it.
    case spaces(prefix: Bool)

    func normalize(_ text: String) -> String {
        switch self {
        case .none: text
        case .canonicalComposition: Self.composed(text)
        case .spaces(let prefix): (prefix && !text.isEmpty ? " " : "") + Self.spaced(text)
        }
    }

    private static func spaced(_ text: String) -> String {
        var text = text
        return text.withUTF8 { bytes in
            bytes.contains(0xE2) ? String(decoding: CharacterAlphabet.spaced(bytes), as: UTF8.self) : nil
        } ?? text
    }

    /// Line by line, for few lines need it, and nothing composes with a newline.
    private static func composed(_ text: String) -> String {
        guard !self.isComposed(text) else { return text }
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.map { line in
            let line = String(Substring(line))
            return self.isComposed(line) ? line : line.precomposedStringWithCanonicalMapping
        }.joined(separator: "\n")
    }

    /// Whether normalising surely changes nothing.
    private static func isComposed(_ text: String) -> Bool {
        // Nothing below U+0300 composes with what precedes it or has another form; its UTF-8 starts below 0xCC.
        var text = text
        return text.withUTF8 { bytes in
            bytes.allSatisfy { $0 < 0xCC } || ScalarClassTable.shared.scan(bytes, self.isComposed)
        }
    }

    private static func isComposed(_ text: ScannedText) -> Bool {
        var index = 0
        while index < text.count {
            let (value, width) = text.scalar(at: index)
            guard self.isInert(value) else { return false }
            index &+= width
        }
        return true
    }

    /// Whether a scalar stands for itself and composes with nothing before it.
    ///
    /// A quick check that errs on the safe side (UAX #15, section 9). Unicode's stability policy keeps it true.
    @inline(__always)
    static func isInert(_ scalar: UInt32) -> Bool {
        switch scalar {
        case ..<0x300: return true
        // Common scripts without any such scalar, apart from the voicing marks of kana.
        case 0x0400...0x0482, 0x05D0...0x05EA, 0x2010...0x20CF, 0x2190...0x2328, 0x232B...0x2ADB: return true
        case 0x3000...0x3029, 0x3030...0x3098, 0x309B...0x9FFF, 0xAC00...0xD7A3, 0xFF00...0xFFEF, 0x1F000...0x1FAFF,
            0x20000...0x2F7FF:
            return true
        default: return false
        }
    }
}
