/// The numbers that may stand at a place: written without an exponent, with at most 15 digits before the point and 15
/// after it, between two bounds.
///
/// They are counted in units of 10⁻¹⁵, so that every comparison is exact.
struct JSONNumberRange: Sendable, Hashable {
    static let digits = 15
    fileprivate static let one = Self.power(Self.digits)
    private static let limit = Self.one * Self.one - 1

    let isInteger: Bool
    private(set) var lower = -Self.limit
    private(set) var upper = Self.limit

    init(isInteger: Bool) { self.isInteger = isInteger }

    /// Leaves out what is below a number, or also the number itself.
    ///
    /// - Returns: False for a number that is not spelled as those of the range are.
    mutating func raise(to spelling: String, exclusive: Bool) -> Bool {
        guard let value = Self.units(spelling) else { return false }
        self.lower = max(self.lower, exclusive ? value + 1 : value)
        return true
    }

    /// Leaves out what is above a number, or also the number itself.
    ///
    /// - Returns: False for a number that is not spelled as those of the range are.
    mutating func cut(to spelling: String, exclusive: Bool) -> Bool {
        guard let value = Self.units(spelling) else { return false }
        self.upper = min(self.upper, exclusive ? value - 1 : value)
        return true
    }

    var isEmpty: Bool { self.magnitudes(isNegative: false) == nil && self.magnitudes(isNegative: true) == nil }

    /// The absolute values of the range's numbers with a sign; minus zero is none.
    func magnitudes(isNegative: Bool) -> ClosedRange<Int128>? {
        var least = isNegative ? max(1, -self.upper) : max(0, self.lower)
        var most = isNegative ? -self.lower : self.upper
        guard most >= 0 else { return nil }
        if self.isInteger {
            least = (least + Self.one - 1) / Self.one * Self.one
            most = most / Self.one * Self.one
        }
        return least <= most ? least...most : nil
    }

    private static func units(_ spelling: String) -> Int128? {
        var state = JSONNumberState()
        let everything = JSONNumberRange(isInteger: false)
        for byte in spelling.utf8 where !state.step(byte, in: everything) {
            // Minus zero is the one number that is spelled like another.
            return spelling.utf8.allSatisfy("-0.".utf8.contains) ? 0 : nil
        }
        return state.value
    }

    fileprivate static func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { power, _ in power * 10 } }
}

/// How far a number got.
struct JSONNumberState: Sendable, Hashable {
    private var isNegative = false
    private var whole: Int128 = 0
    private var wholeDigits = 0
    private var fraction: Int128 = 0
    /// Nil before the point.
    private var fractionDigits: Int?

    /// Takes a byte after which the number can still become one of the range.
    ///
    /// - Returns: Whether it may stand there.
    mutating func step(_ byte: UInt8, in range: JSONNumberRange) -> Bool {
        var next = self
        guard next.take(byte, isInteger: range.isInteger), next.canComplete(in: range) else { return false }
        self = next
        return true
    }

    /// Whether the number may end here.
    func isWhole(in range: JSONNumberRange) -> Bool {
        guard self.wholeDigits > 0, self.fractionDigits != 0 else { return false }
        return range.magnitudes(isNegative: self.isNegative)?.contains(self.magnitude) ?? false
    }

    /// In units of 10⁻¹⁵.
    var value: Int128 { self.isNegative ? -self.magnitude : self.magnitude }

    private var magnitude: Int128 {
        self.whole * JSONNumberRange.one
            + self.fraction * JSONNumberRange.power(JSONNumberRange.digits - (self.fractionDigits ?? 0))
    }

    private mutating func take(_ byte: UInt8, isInteger: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "-"):
            guard !self.isNegative, self.wholeDigits == 0 else { return false }
            self.isNegative = true
        case UInt8(ascii: "."):
            guard !isInteger, self.wholeDigits > 0, self.fractionDigits == nil else { return false }
            self.fractionDigits = 0
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            let digit = Int128(byte - UInt8(ascii: "0"))
            if let count = self.fractionDigits {
                guard count < JSONNumberRange.digits else { return false }
                self.fraction = self.fraction * 10 + digit
                self.fractionDigits = count + 1
            } else {
                guard self.wholeDigits < JSONNumberRange.digits, self.wholeDigits == 0 || self.whole > 0 else {
                    return false
                }
                self.whole = self.whole * 10 + digit
                self.wholeDigits += 1
            }
        default: return false
        }
        return true
    }

    /// Whether one of the range's numbers is spelled with what came so far at its beginning.
    private func canComplete(in range: JSONNumberRange) -> Bool {
        guard let wanted = range.magnitudes(isNegative: self.isNegative) else { return false }
        guard self.wholeDigits > 0 else { return true }
        if let count = self.fractionDigits {
            let step = JSONNumberRange.power(JSONNumberRange.digits - count)
            return wanted.overlaps(self.magnitude...self.magnitude + step - 1)
        }
        let unit = range.isInteger ? JSONNumberRange.one : 1
        let room = self.whole == 0 ? 0 : JSONNumberRange.digits - self.wholeDigits
        return (0...room).contains { more in
            let step = JSONNumberRange.power(more) * JSONNumberRange.one
            return wanted.overlaps(self.whole * step...(self.whole + 1) * step - unit)
        }
    }
}
