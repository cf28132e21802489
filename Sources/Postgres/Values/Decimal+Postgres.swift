public import Foundation

extension Decimal: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    /// The most significant digits that every `Decimal` keeps exactly.
    static let exactDigits = 38

    public static var postgresType: PostgresType { .numeric }

    public var postgresValue: PostgresValue {
        self.isNaN ? .refused(because: "is not a number") : .text(self.description)
    }

    /// Reads a `numeric` or an integer exactly, or throws: when it is `NaN` or infinite, has more than 38 significant
    /// digits, or lies beyond the exponents of `Decimal` (-128…127).
    ///
    /// Trailing zeros of the scale are not kept.
    public init(postgresCell cell: PostgresCell) throws(PostgresError) {
        let bytes = try cell.content(for: Decimal.self, from: .numeric, .int8, .int4, .int2)
        guard let number = DecimalText(bytes) else {
            throw cell.failure("holds NaN or an infinity, which Decimal cannot hold exactly")
        }
        guard number.significantDigits <= Self.exactDigits, (-128...127).contains(number.exponent),
            let value = Decimal(string: String(decoding: bytes, as: UTF8.self), locale: nil)
        else {
            throw cell.failure("holds a number beyond Decimal: 38 significant digits, exponent -128…127")
        }
        self = value
    }
}

/// What a plain decimal numeral (`-12.340`) takes to be held exactly.
private struct DecimalText {
    /// The digits from the first to the last that is not zero.
    let significantDigits: Int
    /// The power of ten of the last significant digit.
    let exponent: Int

    /// Nil unless the text is an optional sign, digits, and an optional fraction.
    init?(_ text: ArraySlice<UInt8>) {
        let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text
        guard !digits.isEmpty else { return nil }
        var fraction: Int?
        var position = 0
        var first: Int?
        var last = 0
        var lastExponentOffset = 0
        for byte in digits {
            switch byte {
            case UInt8(ascii: "."):
                guard fraction == nil else { return nil }
                fraction = 0
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                position += 1
                if let count = fraction { fraction = count + 1 }
                if byte != UInt8(ascii: "0") {
                    first = first ?? position
                    last = position
                    lastExponentOffset = fraction ?? 0
                }
            default:
                return nil
            }
        }
        self.significantDigits = first.map { last - $0 + 1 } ?? 0
        let integerDigits = position - (fraction ?? 0)
        self.exponent = lastExponentOffset > 0 ? -lastExponentOffset : first == nil ? 0 : integerDigits - last
    }
}
