extension JSONValue {
    /// Whether both say the same (RFC 6902, section 4.6): members in any order, numbers by their value however they are written.
    public func means(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.number(let left), .number(let right)): JSONNumber(left) == JSONNumber(right)
        // Code point by code point, where Swift would take composed and decomposed forms for the same.
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)): left.count == right.count && zip(left, right).allSatisfy { $0.means($1) }
        case (.object(let left), .object(let right)):
            left.members.count == right.members.count
                && left.members.allSatisfy { member in right[member.name].map { member.value.means($0) } ?? false }
        default: self == other
        }
    }
}

/// A number's value, exactly, whatever way it was written: 0.digits × 10^exponent without zeros at either end.
private struct JSONNumber: Equatable {
    private var isNegative = false
    private var digits: [UInt8] = []
    private var exponent = 0

    init(_ text: String) {
        let parts = text.lowercased().split(separator: "e", maxSplits: 1)
        let mantissa = (parts.first ?? "").drop { $0 == "-" }
        let whole = mantissa.prefix { $0 != "." }
        let all = Array(mantissa.utf8.filter { $0 != UInt8(ascii: ".") })
        let significant = all.drop { $0 == UInt8(ascii: "0") }
        guard !significant.isEmpty else { return }
        self.isNegative = text.hasPrefix("-")
        self.exponent = whole.utf8.count - (all.count - significant.count)
        if parts.count > 1 {
            // Powers beyond an Int are as good as the largest: no two documents here are that long.
            let power = Int(parts[1]) ?? (parts[1].hasPrefix("-") ? Int.min / 2 : Int.max / 2)
            self.exponent = self.exponent.addingReportingOverflow(power).partialValue
        }
        self.digits = Array(significant.reversed().drop { $0 == UInt8(ascii: "0") }.reversed())
    }
}
