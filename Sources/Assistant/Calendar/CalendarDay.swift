import Foundation

/// A day of the Gregorian calendar, without a time or a time zone.
///
/// Days are counted by the civil-calendar formulas of Howard Hinnant ("chrono-compatible low-level date algorithms"),
/// so that no clock change can add or drop one.
struct CalendarDay: Sendable, Hashable, Comparable {
    let year: Int
    /// 1 to 12.
    let month: Int
    /// 1 to 31.
    let day: Int

    init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day on which an instant falls in a time zone.
    init(containing instant: Date, in timeZone: TimeZone) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        self.init(containing: instant, calendar: calendar)
    }

    init(containing instant: Date, calendar: Calendar) {
        let parts = calendar.dateComponents([.year, .month, .day], from: instant)
        self.init(year: parts.year ?? 1970, month: parts.month ?? 1, day: parts.day ?? 1)
    }

    /// The first instant of the day; where clocks skip midnight, the first that exists.
    func start(in calendar: Calendar) -> Date {
        // Noon exists on every day in every time zone, so this date is never `nil`.
        let noon = calendar.date(from: DateComponents(year: self.year, month: self.month, day: self.day, hour: 12))
        return calendar.startOfDay(for: noon ?? Date(timeIntervalSince1970: Double(self.number) * 86_400))
    }

    /// The day this many days later, or earlier when negative.
    func adding(days: Int) -> CalendarDay { CalendarDay(number: self.number + days) }

    /// The same day of the month this many months later; the last day of that month where it has no such day.
    func adding(months: Int) -> CalendarDay {
        let index = self.year * 12 + self.month - 1 + months
        let first = CalendarDay(year: index.quotient(flooredBy: 12), month: index.remainder(flooredBy: 12) + 1, day: 1)
        return CalendarDay(year: first.year, month: first.month, day: min(self.day, first.daysInMonth))
    }

    /// 0 on a Monday, 6 on a Sunday.
    var daysSinceMonday: Int { (self.number + 3).remainder(flooredBy: 7) }

    /// ISO 8601, such as `2026-11-03`.
    var iso8601: String { "\(self.year)-\(self.padded(self.month))-\(self.padded(self.day))" }

    private func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.number < right.number }
}

extension CalendarDay {
    /// Days since 1 January 1970.
    private var number: Int {
        let year = self.month <= 2 ? self.year - 1 : self.year
        let era = year.quotient(flooredBy: 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private init(number: Int) {
        let shifted = number + 719_468
        let era = shifted.quotient(flooredBy: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        self.init(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private var daysInMonth: Int {
        let next = CalendarDay(year: self.month == 12 ? self.year + 1 : self.year, month: self.month % 12 + 1, day: 1)
        return next.number - self.number + self.day - 1
    }
}

extension Int {
    fileprivate func quotient(flooredBy divisor: Int) -> Int {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }

    fileprivate func remainder(flooredBy divisor: Int) -> Int { self - self.quotient(flooredBy: divisor) * divisor }
}
