public import Foundation

/// A day of the Gregorian calendar, without a time or a zone: PostgreSQL's `date`.
///
/// Years are astronomical: 0 is 1 BC, -1 is 2 BC.
public struct PostgresDay: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let year: Int
    public let month: Int
    public let day: Int

    /// Nil unless there is such a day and `date` can hold it (4713 BC to the year 5874897).
    public init?(year: Int, month: Int, day: Int) {
        guard (-4712...5_874_897).contains(year), (1...12).contains(month),
            (1...CivilDate.days(inMonth: month, ofYear: year)).contains(day)
        else { return nil }
        self.init(CivilDate(year: year, month: month, day: day))
    }

    /// The day in UTC on which an instant falls; nil beyond what `date` can hold.
    public init?(_ instant: Date) {
        guard let microseconds = PostgresInstant(instant)?.microseconds else { return nil }
        self.init(CivilDate(daysSince2000: Int(microseconds.floorDivided(by: PostgresInstant.microsecondsADay))))
    }

    private init(_ date: CivilDate) {
        self.year = date.year
        self.month = date.month
        self.day = date.day
    }

    /// The first instant of the day in UTC.
    public var start: Date {
        let days = CivilDate(year: self.year, month: self.month, day: self.day).daysSince2000
        return Date(timeIntervalSinceReferenceDate: Double(days - 366) * 86_400)
    }

    public static func < (left: PostgresDay, right: PostgresDay) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    /// The day as in ISO 8601: `2026-11-25`.
    public var description: String { CivilDate(year: self.year, month: self.month, day: self.day).text }
}

extension PostgresDay: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .date }

    public var postgresValue: PostgresValue {
        .text(
            self.year > 0
                ? self.description : CivilDate(year: 1 - self.year, month: self.month, day: self.day).text + " BC")
    }

    public init(postgresCell cell: PostgresCell) throws(PostgresError) {
        var text = ISOTimeText(try cell.content(for: PostgresDay.self, from: .date))
        guard let date = text.date(), text.isAtEnd,
            let day = PostgresDay(year: date.year, month: date.month, day: date.day)
        else { throw cell.failure("holds an infinity or no date in the ISO style") }
        self = day
    }
}
