/// Reads what PostgreSQL writes under `DateStyle = ISO`: `2026-11-25 03:04:05.123456+05:30 BC`.
struct ISOTimeText {
    private var rest: ArraySlice<UInt8>
    private let isBeforeChrist: Bool

    init(_ text: ArraySlice<UInt8>) {
        let era = Array(" BC".utf8)
        self.isBeforeChrist = text.suffix(era.count).elementsEqual(era)
        self.rest = self.isBeforeChrist ? text.dropLast(era.count) : text
    }

    var isAtEnd: Bool { self.rest.isEmpty }

    /// `YYYY-MM-DD`; a year before Christ becomes astronomical.
    mutating func date() -> CivilDate? {
        guard let year = self.number(), self.skip("-"), let month = self.number(), self.skip("-"),
            let day = self.number(),
            (1...12).contains(month),
            (1...CivilDate.days(inMonth: month, ofYear: year)).contains(day)
                || (self.isBeforeChrist && day == 29)
        else { return nil }
        return CivilDate(year: self.isBeforeChrist ? 1 - year : year, month: month, day: day)
    }

    /// `HH:MM:SS` with up to six digits of a fraction, in microseconds.
    mutating func time() -> Int64? {
        guard let hour = self.number(), self.skip(":"), let minute = self.number(), self.skip(":"),
            let second = self.number()
        else { return nil }
        var fraction = 0
        if self.skip(".") {
            let digits = self.rest.prefix { $0 &- UInt8(ascii: "0") < 10 }
            guard digits.count <= 6, let value = self.number() else { return nil }
            fraction = value
            for _ in digits.count..<6 { fraction *= 10 }
        }
        return Int64((hour * 60 + minute) * 60 + second) * 1_000_000 + Int64(fraction)
    }

    /// `+HH`, `-HH:MM` or `+HH:MM:SS` east of Greenwich, in seconds.
    mutating func offset() -> Int? {
        let isNegative = self.skip("-")
        guard isNegative || self.skip("+"), let hours = self.number() else { return nil }
        var seconds = hours * 3600
        if self.skip(":") {
            guard let minutes = self.number() else { return nil }
            seconds += minutes * 60
        }
        if self.skip(":") {
            guard let rest = self.number() else { return nil }
            seconds += rest
        }
        return isNegative ? -seconds : seconds
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let first = self.rest.first, UInt32(first) == character.value else { return false }
        self.rest = self.rest.dropFirst()
        return true
    }

    /// Up to nine digits.
    private mutating func number() -> Int? {
        var value = 0
        var count = 0
        while let byte = self.rest.first, byte &- UInt8(ascii: "0") < 10, count < 9 {
            value = value * 10 + Int(byte &- UInt8(ascii: "0"))
            count += 1
            self.rest = self.rest.dropFirst()
        }
        return count == 0 ? nil : value
    }
}
