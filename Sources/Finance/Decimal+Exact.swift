public import Foundation

extension Decimal {
    /// Reads a plain decimal, `-?digits[.digits]` in ASCII, exactly; `nil` for anything else.
    ///
    /// Foundation's own initialiser reads as far as it can, ignores the rest and drops digits beyond its 38: here that is
    /// refused.
    public init?(exactly text: String) {
        let unsigned = text.utf8.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
        let parts = unsigned.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, unsigned.utf8.count <= 39,
            parts.allSatisfy({
                !$0.isEmpty && $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            }),
            parts.reduce(0, { $0 + $1.utf8.count }) <= 38,
            let value = Decimal(string: text, locale: nil)
        else { return nil }
        self = value
    }

    /// Rounded to so many decimal places, halves away from zero.
    public func rounded(places: Int) -> Decimal {
        var (value, result) = (self, Decimal())
        NSDecimalRound(&result, &value, places, .plain)
        return result
    }

    /// All digits, without an exponent, padded with zeros to a number of decimal places.
    ///
    /// - Parameter grouped: Whether commas separate thousands.
    public func digits(minimumPlaces: Int = 0, grouped: Bool = false) -> String {
        let parts = self.magnitude.description.split(separator: ".")
        var whole = String(parts[0])
        var fraction = parts.count > 1 ? String(parts[1]) : ""
        fraction += String(repeating: "0", count: max(0, minimumPlaces - fraction.utf8.count))
        if grouped {
            let leading = whole.utf8.count % 3
            whole = whole.enumerated().reduce(into: "") { text, digit in
                if digit.offset > 0, digit.offset % 3 == leading { text.append(",") }
                text.append(digit.element)
            }
        }
        return (self < 0 ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
    }
}
