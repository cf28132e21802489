/// Exponential backoff with full jitter: each wait is drawn evenly from zero to a limit that doubles with each failure.
///
/// Full jitter spreads a thousand clients that lost one server. Source: M. Brooker, "Exponential Backoff And Jitter", AWS
/// Architecture Blog, 2015.
public struct Backoff: Sendable {
    private let base: Duration
    /// The largest limit.
    public let cap: Duration
    private var failures = 0

    /// - Parameters:
    ///   - base: The limit of the first wait.
    ///   - cap: The largest limit.
    public init(base: Duration = .milliseconds(200), cap: Duration = .seconds(5)) {
        self.base = base
        self.cap = cap
    }

    /// The longest wait that may come next.
    public var limit: Duration { min(self.cap, self.base * (1 << min(self.failures, 16))) }

    /// The wait after one more failure.
    public mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { self.failures += 1 }
        return self.limit * Double.random(in: 0...1, using: &generator)
    }

    /// The wait after one more failure.
    public mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return self.next(using: &generator)
    }

    /// Begins anew, after a success.
    public mutating func reset() { self.failures = 0 }
}
