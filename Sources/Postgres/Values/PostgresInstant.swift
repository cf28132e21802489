import Foundation

/// An instant as PostgreSQL keeps it: whole microseconds of UTC since the start of the year 2000.
struct PostgresInstant: Equatable {
    static let microsecondsADay: Int64 = 86_400_000_000

    /// The instants that `timestamptz` holds: 4713 BC to the year 294276.
    private static let range: Range<Int64> =
        Int64(CivilDate(year: -4712, month: 1, day: 1).daysSince2000) * Self.microsecondsADay..<Int64(
            CivilDate(year: 294_277, month: 1, day: 1).daysSince2000) * Self.microsecondsADay

    let microseconds: Int64

    init?(microseconds: Int64) {
        guard Self.range.contains(microseconds) else { return nil }
        self.microseconds = microseconds
    }

    /// Rounds to the nearest microsecond; nil beyond what PostgreSQL can hold.
    init?(_ date: Date) {
        let seconds = date.timeIntervalSinceReferenceDate
        guard seconds.magnitude < 1e13 else { return nil }
        let whole = seconds.rounded(.down)
        let fraction = ((seconds - whole) * 1e6).rounded()
        self.init(microseconds: (Int64(whole) + Self.referenceSecond) * 1_000_000 + Int64(fraction))
    }

    /// The text form under `DateStyle = ISO`.
    init?(_ text: ArraySlice<UInt8>) {
        var text = ISOTimeText(text)
        guard let date = text.date(), text.skip(" "), let time = text.time(), let offset = text.offset(), text.isAtEnd
        else { return nil }
        let midnight = Int64(date.daysSince2000) * Self.microsecondsADay
        self.init(microseconds: midnight + time - Int64(offset) * 1_000_000)
    }

    /// The nearest `Date`, which is within half a microsecond between the years 1865 and 2137.
    var date: Date {
        let seconds = self.microseconds.floorDivided(by: 1_000_000)
        let fraction = Double(self.microseconds - seconds * 1_000_000) / 1e6
        return Date(timeIntervalSinceReferenceDate: Double(seconds - Self.referenceSecond) + fraction)
    }

    var text: String {
        let days = self.microseconds.floorDivided(by: Self.microsecondsADay)
        let time = self.microseconds - days * Self.microsecondsADay
        let (seconds, fraction) = time.quotientAndRemainder(dividingBy: 1_000_000)
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { $0.padded(to: 2) }.joined(separator: ":")
        let date = CivilDate(daysSince2000: Int(days))
        let shown = date.year > 0 ? date : CivilDate(year: 1 - date.year, month: date.month, day: date.day)
        return "\(shown.text) \(clock).\(fraction.padded(to: 6))+00\(date.year > 0 ? "" : " BC")"
    }

    /// 2001-01-01 00:00:00 UTC, from which `Date` counts, in seconds: the year 2000 had 366 days.
    private static let referenceSecond: Int64 = 366 * 86_400
}
