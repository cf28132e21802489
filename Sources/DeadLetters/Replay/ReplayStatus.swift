import Foundation
public import Postgres

/// The states of a plan.
public enum ReplayState: String, Sendable, CaseIterable, PostgresEncodable, PostgresDecodable {
    /// Made, and nothing sent.
    case draft
    case running
    /// Stopped by an operator, to go on later.
    case paused
    /// Stopped by itself: see why before going on.
    case braked
    case cancelled
    case finished
}

/// How a plan stands at a moment, for the process that works on it.
struct ReplayStatus: Sendable {
    let state: ReplayState
    let stopReason: String?
    let runner: UUID?
    /// Messages sent, ever.
    let sent: Int
    let isPending: Bool
    /// Messages sent and not settled.
    let unsettled: Int
    /// How long the slowest unsettled message has waited for a worker, in seconds.
    let waited: Double
    /// Messages that failed as before, since the replay began or went on.
    let returned: Int
    let failed: Int

    init(_ row: PostgresRow) throws {
        self.state = try row.decode("state")
        self.stopReason = try row.decode("stop_reason")
        self.runner = try row.decode("runner")
        self.sent = try row.decode("sent")
        self.isPending = try row.decode("is_pending")
        self.unsettled = try row.decode("unsettled")
        self.waited = try row.decode("waited")
        self.returned = try row.decode("returned")
        self.failed = try row.decode("failed")
    }
}
