public import Foundation
import Postgres
public import TellerMessages

/// How many dead letters there are, of what kind and since when.
public struct DeadLetterStatistics: Sendable {
    public private(set) var count = 0
    public private(set) var byState: [String: Int] = [:]
    public private(set) var byClass: [String: Int] = [:]
    public private(set) var byQueue: [String: Int] = [:]
    public private(set) var bySource: [String: Int] = [:]
    /// Those that failed last within the hour, and within the day.
    public private(set) var lastHour = 0
    public private(set) var lastDay = 0
    public private(set) var oldest: Date?
    public private(set) var newest: Date?

    /// - Parameter rows: One for each combination of state, class, queue and source.
    init(_ rows: [PostgresRow]) throws {
        for row in rows {
            let letters = try row.decode("letters", as: Int.self)
            self.count += letters
            self.byState[try row.decode("state"), default: 0] += letters
            self.byClass[try row.decode("failure_class"), default: 0] += letters
            self.byQueue[try row.decode("queue"), default: 0] += letters
            self.bySource[try row.decode("source"), default: 0] += letters
            self.lastHour += try row.decode("last_hour", as: Int.self)
            self.lastDay += try row.decode("last_day", as: Int.self)
            let (first, last) = (try row.decode("oldest", as: Date.self), try row.decode("newest", as: Date.self))
            self.oldest = min(self.oldest ?? first, first)
            self.newest = max(self.newest ?? last, last)
        }
    }

    public var json: JSONValue {
        [
            "count": .integer(self.count), "by_state": Self.json(self.byState), "by_class": Self.json(self.byClass),
            "by_queue": Self.json(self.byQueue), "by_source": Self.json(self.bySource), "last_hour": .integer(self.lastHour),
            "last_day": .integer(self.lastDay), "oldest": self.oldest.map { .string($0.rfc3339) } ?? .null,
            "newest": self.newest.map { .string($0.rfc3339) } ?? .null,
        ]
    }

    private static func json(_ counts: [String: Int]) -> JSONValue {
        var object = JSONObject()
        for (name, count) in counts.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) { object[name] = .integer(count) }
        return .object(object)
    }
}

extension DeadLetterArchive {
    /// Counts the dead letters of a selection.
    public func statistics(_ selection: DeadLetterSelection) async throws -> DeadLetterStatistics {
        try DeadLetterStatistics(
            try await self.database.query(
                """
                SELECT state, failure_class, queue, source, count(*) AS letters,
                    count(*) FILTER (WHERE last_failed_at > now() - interval '1 hour') AS last_hour,
                    count(*) FILTER (WHERE last_failed_at > now() - interval '1 day') AS last_day,
                    min(first_failed_at) AS oldest, max(last_failed_at) AS newest
                FROM teller.failures WHERE \(selection.condition) GROUP BY state, failure_class, queue, source
                """))
    }
}
