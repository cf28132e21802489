import Glibc

/// A wall-clock instant in UTC, to the millisecond, rounded down.
struct LogTime {
    let seconds: Int
    let milliseconds: Int

    static func now() -> LogTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return LogTime(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
    }

    /// RFC 3339: `2026-11-25T04:00:53.007Z`.
    var rfc3339: String {
        var seconds = self.seconds
        var date = tm()
        gmtime_r(&seconds, &date)
        func digits(_ value: some BinaryInteger, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return digits(date.tm_year + 1900, 4) + "-" + digits(date.tm_mon + 1, 2) + "-" + digits(date.tm_mday, 2)
            + "T" + digits(date.tm_hour, 2) + ":" + digits(date.tm_min, 2) + ":" + digits(date.tm_sec, 2)
            + "." + digits(self.milliseconds, 3) + "Z"
    }
}
