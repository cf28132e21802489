/// Exponential backoff with full jitter: a random time up to a limit that doubles with each failure.
///
/// Full jitter spreads a thousand clients that lost one broker. Source: "Exponential Backoff And Jitter", AWS
/// Architecture Blog, 2015.
struct AMQPBackoff: Sendable {
    var base: Duration = .milliseconds(200)
    var maximum: Duration = .seconds(5)
    private(set) var failures = 0

    /// The largest wait that may come next.
    var limit: Duration {
        min(self.maximum, self.base * (1 << min(self.failures, 16)))
    }

    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { self.failures += 1 }
        return .nanoseconds(Int64.random(in: 0...Int64(self.limit / .nanoseconds(1)), using: &generator))
    }

    mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return self.next(using: &generator)
    }

    mutating func reset() {
        self.failures = 0
    }
}
