/// Exponential backoff with full jitter: a random wait up to a ceiling that doubles with each failure.
///
/// Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
struct PostgresBackoff {
    private let first: Duration
    private let most: Duration
    private var failures = 0

    init(first: Duration = .milliseconds(200), most: Duration = .seconds(5)) {
        self.first = first
        self.most = most
    }

    /// The longest wait that the next failure may cause.
    var ceiling: Duration { min(self.most, self.first * (1 << min(self.failures, 16))) }

    /// The wait after one more failure.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { self.failures += 1 }
        return self.ceiling * Double.random(in: 0...1, using: &generator)
    }

    mutating func reset() { self.failures = 0 }
}
