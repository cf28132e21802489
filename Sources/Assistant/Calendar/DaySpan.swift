import Foundation

/// The days that a ``Period`` covers at a given moment in a customer's time zone.
struct DaySpan: Sendable, Hashable {
    /// From the first instant of the first day up to, and without, the first instant of the day after the last (UTC).
    let interval: DateInterval
    let first: CalendarDay
    let last: CalendarDay

    /// - Parameters:
    ///   - period: The period asked about.
    ///   - now: The moment of the question.
    ///   - timeZone: The customer's time zone, in which days begin and end.
    init(_ period: Period, now: Date, timeZone: TimeZone) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        calendar.firstWeekday = 2
        let today = CalendarDay(containing: now, calendar: calendar)
        let (first, last) = Self.days(of: period, today: today)
        self.first = first
        self.last = last
        self.interval = DateInterval(start: first.start(in: calendar), end: last.adding(days: 1).start(in: calendar))
    }

    private static func days(of period: Period, today: CalendarDay) -> (CalendarDay, CalendarDay) {
        switch period {
        case .today: return (today, today)
        case .yesterday:
            let yesterday = today.adding(days: -1)
            return (yesterday, yesterday)
        case .current(let unit): return (self.start(of: unit, containing: today), today)
        case .previous(let unit):
            let last = self.start(of: unit, containing: today).adding(days: -1)
            return (self.start(of: unit, containing: last), last)
        case .month(let number):
            let year = number <= today.month ? today.year : today.year - 1
            let first = CalendarDay(year: year, month: number, day: 1)
            return (first, min(first.adding(months: 1).adding(days: -1), today))
        case .lastDays(let count): return (today.adding(days: 1 - count), today)
        case .lastMonths(let count): return (today.adding(months: -count).adding(days: 1), today)
        }
    }

    private static func start(of unit: Period.CalendarUnit, containing day: CalendarDay) -> CalendarDay {
        switch unit {
        case .week: day.adding(days: -day.daysSinceMonday)
        case .month: CalendarDay(year: day.year, month: day.month, day: 1)
        case .quarter: CalendarDay(year: day.year, month: (day.month - 1) / 3 * 3 + 1, day: 1)
        case .year: CalendarDay(year: day.year, month: 1, day: 1)
        }
    }
}
