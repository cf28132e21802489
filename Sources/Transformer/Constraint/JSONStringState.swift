/// How far a JSON string got behind its opening quotation mark: well-formed UTF-8 without control characters, and
/// escapes, of which `\u` only for scalars of the basic plane.
struct JSONStringState: Sendable, Hashable {
    private enum Place: Sendable, Hashable {
        case text
        /// In a scalar of several bytes: how many are missing, and the range of the next one.
        case scalar(missing: Int, ClosedRange<UInt8>)
        case escape
        /// In four hexadecimal digits: how many came, and whether they could make a surrogate.
        case digits(Int, maySurrogate: Bool)
    }

    private var place = Place.text
    /// Scalars, one that is begun included.
    private(set) var length = 0

    /// Whether a quotation mark would end the string.
    var isBetweenScalars: Bool { self.place == .text }

    /// Takes a byte other than the closing quotation mark.
    ///
    /// - Returns: Whether it may stand there.
    mutating func step(_ byte: UInt8, maximumLength: Int) -> Bool {
        switch self.place {
        case .text:
            guard self.length < maximumLength, let next = Self.place(after: byte) else { return false }
            self.length += 1
            self.place = next
        case .scalar(let missing, let range):
            guard range.contains(byte) else { return false }
            self.place = missing == 1 ? .text : .scalar(missing: missing - 1, 0x80...0xBF)
        case .escape:
            if byte == UInt8(ascii: "u") {
                self.place = .digits(0, maySurrogate: false)
            } else {
                guard #""\/bfnrt"#.utf8.contains(byte) else { return false }
                self.place = .text
            }
        case .digits(let count, let maySurrogate):
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80,
                !(count == 1 && maySurrogate && digit >= 8)
            else { return false }
            self.place = count == 3 ? .text : .digits(count + 1, maySurrogate: count == 0 && digit == 0xD)
        }
        return true
    }

    /// What the first byte of a scalar or of an escape leads to (RFC 3629, table of well-formed sequences).
    private static func place(after byte: UInt8) -> Place? {
        switch byte {
        case UInt8(ascii: "\\"): .escape
        case UInt8(ascii: "\""), 0x00..<0x20: nil
        case 0x20..<0x80: .text
        case 0xC2...0xDF: .scalar(missing: 1, 0x80...0xBF)
        case 0xE0: .scalar(missing: 2, 0xA0...0xBF)
        case 0xED: .scalar(missing: 2, 0x80...0x9F)
        case 0xE1...0xEF: .scalar(missing: 2, 0x80...0xBF)
        case 0xF0: .scalar(missing: 3, 0x90...0xBF)
        case 0xF1...0xF3: .scalar(missing: 3, 0x80...0xBF)
        case 0xF4: .scalar(missing: 3, 0x80...0x8F)
        default: nil
        }
    }
}
