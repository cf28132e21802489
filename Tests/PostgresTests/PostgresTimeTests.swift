import Foundation
import Testing

@testable import Postgres

@Suite struct PostgresTimeTests {
    @Test(arguments: [
        ("1970-01-01 00:00:00+00", 0), ("2001-01-01 00:00:00+00", 978_307_200),
        ("2026-11-25 03:04:05+00", 1_795_575_845),
        ("1969-12-31 23:59:59+00", -1), ("2000-02-29 12:00:00+00", 951_825_600),
        ("2026-11-25 08:34:05+05:30", 1_795_575_845),
        ("2026-11-24 23:04:05-04", 1_795_575_845), ("0001-01-01 00:00:00+00", -62_135_596_800),
        ("0001-12-31 00:00:00+00 BC", -62_135_683_200), ("9999-12-31 23:59:59+00", 253_402_300_799),
        ("1890-01-01 00:00:00+00:53:28", -2_524_524_808),
    ])
    func `an instant is read as seconds since 1970`(text: String, seconds: Double) throws {
        let date = try Date(postgresCell: PostgresCell(text, .timestamptz))
        #expect(date.timeIntervalSince1970 == seconds)
    }

    @Test(arguments: [
        "infinity", "-infinity", "2026-11-25", "25/11/2026 03:04:05+00", "2026-13-01 00:00:00+00",
        "2026-02-29 00:00:00+00",
        "2026-11-25 03:04:05", "2026-11-25 03:04:05.1234567+00", "2026-11-25 03:04:05+00 AD",
    ])
    func `what is no instant in the ISO style is refused`(text: String) {
        #expect(throws: PostgresError.self) { try Date(postgresCell: PostgresCell(text, .timestamptz)) }
    }

    @Test func `an instant of a century around now keeps its microsecond`() throws {
        var generator = SplitMix64(seed: 11)
        for _ in 0..<5_000 {
            let microseconds = Int64.random(in: -1_500_000_000_000_000...2_500_000_000_000_000, using: &generator)
            let instant = try #require(PostgresInstant(microseconds: microseconds))
            #expect(PostgresInstant(Array(instant.text.utf8)[...]) == instant, "\(instant.text)")
            #expect(PostgresInstant(instant.date) == instant, "\(instant.text)")
        }
    }

    @Test(arguments: [1e18, -1e18, .infinity, -.infinity, .nan])
    func `an instant beyond the calendar is not sent`(seconds: Double) {
        #expect(Date(timeIntervalSinceReferenceDate: seconds).isRefused)
    }

    @Test func `the first and last instants of PostgreSQL are read`() throws {
        let last = try Date(postgresCell: PostgresCell("294276-12-31 23:59:59+00", .timestamptz))
        let first = try Date(postgresCell: PostgresCell("4713-11-24 00:00:00+00 BC", .timestamptz))
        #expect(first < last)
        #expect(try first.roundTrip() == first)
    }

    @Test(arguments: [(2026, 11, 25), (2000, 2, 29), (1, 1, 1), (0, 12, 31), (-43, 3, 15), (5_874_897, 12, 31)])
    func `a day comes back as it was sent`(year: Int, month: Int, day: Int) throws {
        let value = try #require(PostgresDay(year: year, month: month, day: day))
        #expect(try value.roundTrip() == value)
        #expect(PostgresDay(value.start) == value || year > 200_000)
    }

    @Test(arguments: [
        (2026, 2, 29), (1900, 2, 29), (2026, 13, 1), (2026, 0, 1), (2026, 4, 31), (2026, 1, 0), (6_000_000, 1, 1),
    ])
    func `there is no such day`(year: Int, month: Int, day: Int) {
        #expect(PostgresDay(year: year, month: month, day: day) == nil)
    }

    @Test func `the day of an instant is the day in UTC`() {
        #expect(PostgresDay(Date(timeIntervalSince1970: -1))?.description == "1969-12-31")
        #expect(PostgresDay(Date(timeIntervalSince1970: 86_399.9))?.description == "1970-01-01")
    }

    @Test func `days are in the order of the calendar`() throws {
        let days = try (-800...800).map { try #require(PostgresDay(Date(timeIntervalSince1970: Double($0) * 86_400))) }
        #expect(days == days.sorted())
        #expect(Set(days).count == days.count)
    }
}
