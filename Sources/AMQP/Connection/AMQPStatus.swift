/// How a consumer or publisher is doing, for readiness and metrics.
public struct AMQPStatus: Sendable {
    public enum Phase: Sendable, Hashable {
        /// No connection: connecting, or waiting to try again.
        case connecting
        /// Connected, and everything asked for is in place.
        case connected
        /// Connected, but the broker has paused publishing (memory or disk alarm).
        case blocked
        /// Connected, but a queue is not consumed: it does not exist, or the broker refused.
        case degraded
        /// Shut down.
        case closed
    }

    public var phase: Phase
    /// Since when the phase lasts.
    public var since: ContinuousClock.Instant
    /// Connections that were made again after the first.
    public var reconnects: UInt64 = 0
    /// Deliveries received, or messages confirmed.
    public var messages: UInt64 = 0
    /// When the last delivery came.
    public var lastDelivery: ContinuousClock.Instant?
    /// Messages whose confirm is awaited.
    public var outstanding = 0
    /// Queues that are being consumed.
    public var queues: Set<String> = []
    /// What went wrong last, even if it has been repaired since.
    public var lastError: AMQPError?

    init(_ phase: Phase) {
        self.phase = phase
        self.since = .now
    }

    mutating func enter(_ phase: Phase) {
        guard phase != self.phase else { return }
        self.phase = phase
        self.since = .now
    }
}
