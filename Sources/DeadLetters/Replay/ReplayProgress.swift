import Foundation

/// How far a replay is.
public struct ReplayProgress: Sendable {
    public let state: ReplayState
    /// Messages of the plan that are to be sent, or were.
    public let total: Int
    /// Of those: sent and settled, failed again, or under way.
    public let settled: Int
    public let failed: Int
    public let unsettled: Int
    /// Messages that were passed over: answered or expired meanwhile, duplicates.
    public let skipped: Int
    /// Messages sent a second, over the last seconds.
    public let rate: Double
    /// Seconds until the last message is sent, at this rate; nil while that cannot be told.
    public let remaining: Double?

    /// From 0 to 1.
    public var fraction: Double {
        self.total == 0 ? 1 : Double(self.settled + self.failed) / Double(self.total)
    }
}

/// Measures how fast a replay goes.
struct ReplayMeter {
    private let plan: ReplayPlan
    private let interval = Duration.seconds(1)
    private var reported: ContinuousClock.Instant?
    /// What was sent when, over the last five seconds.
    private var samples: [(time: ContinuousClock.Instant, sent: Int)] = []

    init(plan: ReplayPlan) { self.plan = plan }

    func isDue(_ now: ContinuousClock.Instant) -> Bool {
        self.reported.map { $0.duration(to: now) >= self.interval } ?? true
    }

    mutating func progress(_ preview: ReplayPreview, _ status: ReplayStatus, now: ContinuousClock.Instant) -> ReplayProgress {
        self.reported = now
        self.samples.removeAll { $0.time.duration(to: now) > .seconds(5) }
        let first = self.samples.first
        self.samples.append((now, status.sent))
        let rate = first.map { Double(status.sent - $0.sent) / ($0.time.duration(to: now) / .seconds(1)) } ?? 0
        let pending = preview.states["pending"] ?? 0
        let skipped = preview.states["skipped"] ?? 0
        return ReplayProgress(
            state: status.state, total: self.plan.total - skipped, settled: preview.states["settled"] ?? 0,
            failed: preview.states["failed"] ?? 0, unsettled: status.unsettled, skipped: skipped, rate: rate,
            remaining: rate > 0 ? Double(pending) / rate : nil)
    }
}
