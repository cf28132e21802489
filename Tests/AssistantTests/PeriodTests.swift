import Foundation
import Testing

@testable import Assistant

@Suite struct PeriodTests {
    /// The period's first and last day and its bounds in UTC, as one string.
    private func reading(_ word: String, at now: String, in zone: String) throws -> String {
        let period = try #require(Period(word: word))
        let span = DaySpan(
            period, now: try Date(now, strategy: .iso8601), timeZone: try #require(TimeZone(identifier: zone)))
        let bounds = [span.interval.start, span.interval.end].map { $0.formatted(.iso8601) }
        return "\(span.first.iso8601) \(span.last.iso8601) \(bounds[0]) \(bounds[1])"
    }

    @Test(arguments: [
        ("today", "2026-11-25 2026-11-25 2026-11-25T05:00:00Z 2026-11-26T05:00:00Z"),
        ("yesterday", "2026-11-24 2026-11-24 2026-11-24T05:00:00Z 2026-11-25T05:00:00Z"),
        ("this_week", "2026-11-23 2026-11-25 2026-11-23T05:00:00Z 2026-11-26T05:00:00Z"),
        ("last_week", "2026-11-16 2026-11-22 2026-11-16T05:00:00Z 2026-11-23T05:00:00Z"),
        // The clocks in New York went back on 1 November.
        ("this_month", "2026-11-01 2026-11-25 2026-11-01T04:00:00Z 2026-11-26T05:00:00Z"),
        ("last_month", "2026-10-01 2026-10-31 2026-10-01T04:00:00Z 2026-11-01T04:00:00Z"),
        ("this_quarter", "2026-10-01 2026-11-25 2026-10-01T04:00:00Z 2026-11-26T05:00:00Z"),
        ("last_quarter", "2026-07-01 2026-09-30 2026-07-01T04:00:00Z 2026-10-01T04:00:00Z"),
        ("this_year", "2026-01-01 2026-11-25 2026-01-01T05:00:00Z 2026-11-26T05:00:00Z"),
        ("last_year", "2025-01-01 2025-12-31 2025-01-01T05:00:00Z 2026-01-01T05:00:00Z"),
        ("m10", "2026-10-01 2026-10-31 2026-10-01T04:00:00Z 2026-11-01T04:00:00Z"),
        ("m11", "2026-11-01 2026-11-25 2026-11-01T04:00:00Z 2026-11-26T05:00:00Z"),
        ("m12", "2025-12-01 2025-12-31 2025-12-01T05:00:00Z 2026-01-01T05:00:00Z"),
        ("last_1_days", "2026-11-25 2026-11-25 2026-11-25T05:00:00Z 2026-11-26T05:00:00Z"),
        ("last_30_days", "2026-10-27 2026-11-25 2026-10-27T04:00:00Z 2026-11-26T05:00:00Z"),
        ("last_3_months", "2026-08-26 2026-11-25 2026-08-26T04:00:00Z 2026-11-26T05:00:00Z"),
        ("last_12_months", "2025-11-26 2026-11-25 2025-11-26T05:00:00Z 2026-11-26T05:00:00Z"),
    ])
    func `each word covers its days in the customer's time zone`(word: String, expected: String) throws {
        #expect(try self.reading(word, at: "2026-11-25T15:30:00Z", in: "America/New_York") == expected)
    }

    @Test(arguments: [
        // The same instant is already Thursday in Shanghai and still Wednesday in Los Angeles.
        (
            "today", "2026-11-25T20:00:00Z", "Asia/Shanghai",
            "2026-11-26 2026-11-26 2026-11-25T16:00:00Z 2026-11-26T16:00:00Z"
        ),
        (
            "today", "2026-11-26T04:00:00Z", "America/Los_Angeles",
            "2026-11-25 2026-11-25 2026-11-25T08:00:00Z 2026-11-26T08:00:00Z"
        ),
        // New Year: the last week and month lie in the old year, and January is this one.
        (
            "last_month", "2027-01-01T00:00:00Z", "UTC",
            "2026-12-01 2026-12-31 2026-12-01T00:00:00Z 2027-01-01T00:00:00Z"
        ),
        (
            "last_quarter", "2027-02-10T00:00:00Z", "UTC",
            "2026-10-01 2026-12-31 2026-10-01T00:00:00Z 2027-01-01T00:00:00Z"
        ),
        ("this_week", "2027-01-01T12:00:00Z", "UTC", "2026-12-28 2027-01-01 2026-12-28T00:00:00Z 2027-01-02T00:00:00Z"),
        ("m01", "2027-01-01T00:00:00Z", "UTC", "2027-01-01 2027-01-01 2027-01-01T00:00:00Z 2027-01-02T00:00:00Z"),
        ("m02", "2027-01-31T00:00:00Z", "UTC", "2026-02-01 2026-02-28 2026-02-01T00:00:00Z 2026-03-01T00:00:00Z"),
        ("m02", "2028-03-01T00:00:00Z", "UTC", "2028-02-01 2028-02-29 2028-02-01T00:00:00Z 2028-03-01T00:00:00Z"),
        // A month ago from the 31st is the last day of a shorter month.
        (
            "last_1_months", "2026-03-31T12:00:00Z", "UTC",
            "2026-03-01 2026-03-31 2026-03-01T00:00:00Z 2026-04-01T00:00:00Z"
        ),
        // A Sunday ends its week; a Monday begins one.
        ("this_week", "2026-11-22T12:00:00Z", "UTC", "2026-11-16 2026-11-22 2026-11-16T00:00:00Z 2026-11-23T00:00:00Z"),
        ("this_week", "2026-11-23T12:00:00Z", "UTC", "2026-11-23 2026-11-23 2026-11-23T00:00:00Z 2026-11-24T00:00:00Z"),
        // 23 hours in spring, 25 in autumn.
        (
            "today", "2026-03-08T12:00:00Z", "America/New_York",
            "2026-03-08 2026-03-08 2026-03-08T05:00:00Z 2026-03-09T04:00:00Z"
        ),
        (
            "today", "2026-11-01T12:00:00Z", "America/New_York",
            "2026-11-01 2026-11-01 2026-11-01T04:00:00Z 2026-11-02T05:00:00Z"
        ),
        // Midnight did not exist in São Paulo on 4 November 2018.
        (
            "today", "2018-11-04T12:00:00Z", "America/Sao_Paulo",
            "2018-11-04 2018-11-04 2018-11-04T03:00:00Z 2018-11-05T02:00:00Z"
        ),
    ])
    func `clock changes, year ends and time zones hold no surprise`(
        word: String, now: String, zone: String, expected: String
    ) throws {
        #expect(try self.reading(word, at: now, in: zone) == expected)
    }

    @Test(arguments: [
        "", "tomorrow", "next_month", "m00", "m13", "m1", "last_0_days", "last_366_days", "last_07_days",
        "last_-1_days", "last_7_weeks",
        "Last_Month", "last month",
    ])
    func `other words name no period`(word: String) { #expect(Period(word: word) == nil) }

    @Test func `every word reads as the period that writes it`() throws {
        let pattern = try Regex(Period.pattern)
        #expect(Period.words.count == 752)
        #expect(Period.words.allSatisfy { Period(word: $0)?.word == $0 })
        #expect(Period.words.allSatisfy { $0.wholeMatch(of: pattern) != nil })
    }

    @Test func `neighbouring periods meet without a gap over four years of days`() throws {
        let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
        for day in 0..<1461 {
            let now = Date(timeIntervalSince1970: 1_735_700_000 + Double(day) * 86_400)
            for unit in Period.CalendarUnit.allCases {
                let current = DaySpan(.current(unit), now: now, timeZone: zone)
                let previous = DaySpan(.previous(unit), now: now, timeZone: zone)
                #expect(previous.interval.end == current.interval.start)
                #expect(current.last == CalendarDay(containing: now, in: zone))
            }
        }
    }

    @Test(arguments: [
        ("today", "today (Nov 25, 2026)", "今天（2026年11月25日）"),
        ("last_month", "last month (Oct 1 – Oct 31, 2026)", "上个月（2026年10月1日至10月31日）"),
        ("last_year", "last year (Jan 1 – Dec 31, 2025)", "去年（2025年1月1日至12月31日）"),
        ("m10", "October (Oct 1 – Oct 31, 2026)", "10月（2026年10月1日至10月31日）"),
        ("last_7_days", "last 7 days (Nov 19 – Nov 25, 2026)", "最近7天（2026年11月19日至11月25日）"),
        ("last_12_months", "last 12 months (Nov 26, 2025 – Nov 25, 2026)", "最近12个月（2025年11月26日至2026年11月25日）"),
    ])
    func `a period reads naturally in both languages`(word: String, english: String, chinese: String) throws {
        let period = try #require(Period(word: word))
        let span = DaySpan(period, now: try Date("2026-11-25T12:00:00Z", strategy: .iso8601), timeZone: .gmt)
        #expect(Phrasebook(language: .english).period(period, span) == english)
        #expect(Phrasebook(language: .chinese).period(period, span) == chinese)
    }
}
