import Foundation

/// A span of time as a customer names it: `last_month`, `m03`, `last_30_days`.
///
/// Every period ends no later than today: "this month" is the first of the month through today. Weeks start on Monday
/// and quarters in January, April, July and October. `m01` to `m12` are the most recent month of that name that has
/// begun. `last_N_days` are the N days that end with today; `last_N_months` start on the day after the same day N
/// months ago (the last day of that month where it has none) and end with today.
enum Period: Sendable, Hashable {
    case today
    case yesterday
    case current(CalendarUnit)
    case previous(CalendarUnit)
    /// A month by its number, 1 to 12.
    case month(Int)
    /// The days that end with today, 1 to 365.
    case lastDays(Int)
    /// The months that end with today, 1 to 365.
    case lastMonths(Int)

    enum CalendarUnit: String, Sendable, CaseIterable {
        case week, month, quarter, year
    }

    /// Reads the word of the plan dialect.
    init?(word: String) {
        guard let period = Self.vocabulary[word] else { return nil }
        self = period
    }

    /// The word of the plan dialect.
    var word: String {
        switch self {
        case .today: "today"
        case .yesterday: "yesterday"
        case .current(let unit): "this_\(unit.rawValue)"
        case .previous(let unit): "last_\(unit.rawValue)"
        case .month(let number): number < 10 ? "m0\(number)" : "m\(number)"
        case .lastDays(let count): "last_\(count)_days"
        case .lastMonths(let count): "last_\(count)_months"
        }
    }

    /// Every word that names a period.
    static let words: [String] = all.map(\.word)
    /// The words as a regular expression, for the JSON Schema of an argument; it does not bound N.
    static let pattern =
        "^(today|yesterday|(this|last)_(week|month|quarter|year)|m(0[1-9]|1[0-2])|last_[1-9][0-9]{0,2}_(days|months))$"

    private static let all: [Period] =
        [.today, .yesterday] + CalendarUnit.allCases.flatMap { [.current($0), .previous($0)] }
        + (1...12).map { .month($0) } + (1...365).flatMap { [.lastDays($0), .lastMonths($0)] }
    private static let vocabulary = Dictionary(uniqueKeysWithValues: all.map { ($0.word, $0) })
}
