public import Postgres

/// What has become of a dead letter.
public enum DeadLetterState: String, Sendable, CaseIterable, PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    /// Nothing yet.
    case open
    /// It is part of a replay that is not finished.
    case replaying
    /// A replay brought it to an answer.
    case replayed
    /// An operator took it out of sight, for a reason.
    case discarded
}
