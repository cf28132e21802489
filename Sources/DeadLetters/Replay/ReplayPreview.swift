public import TellerMessages

/// What a plan would do, or has done, counted.
public struct ReplayPreview: Sendable {
    /// What would happen to messages, and what that means.
    public static let outlooks: [(name: String, meaning: String)] = [
        ("again", "were answered as failed or expired; a new answer supersedes that one"),
        ("first", "were never begun; they are answered for the first time"),
        ("unfinished", "were begun and are not settled; they are taken up again"),
        ("unreadable", "cannot be read; unless they are edited they fail again"),
        ("answered", "were answered meanwhile"),
        ("expired", "have a deadline that has passed"),
        ("duplicate", "are another copy of a request that is in this plan or another"),
        ("conflict", "have the id of another request; they cannot be answered under it"),
    ]

    /// How many messages have each outlook.
    public let outlook: [String: Int]
    /// How many are in each state.
    public let states: [String: Int]
    /// How many came to each outcome.
    public let outcomes: [String: Int]
    /// The time since the oldest and the newest of them failed, in seconds.
    public let oldest: Double?
    public let newest: Double?

    public var json: JSONValue {
        func counts(_ counts: [String: Int]) -> JSONValue {
            var object = JSONObject()
            for (name, count) in counts.sorted(by: { $0.key < $1.key }) { object[name] = .integer(count) }
            return .object(object)
        }
        var object: JSONObject = [
            "outlook": counts(self.outlook), "states": counts(self.states), "outcomes": counts(self.outcomes),
        ]
        object["oldest_seconds"] = self.oldest.map { .number("\($0.rounded())") }
        object["newest_seconds"] = self.newest.map { .number("\($0.rounded())") }
        return .object(object)
    }
}
