/// Holds an amount to a rate: tokens come in evenly, and what was not taken is kept up to a quarter of a second's worth.
///
/// It starts empty, so that a process that is killed and started again and again is no faster than one that runs through.
struct TokenBucket {
    private let rate: Double
    private let capacity: Double
    private var tokens = 0.0
    private var filled: ContinuousClock.Instant

    /// - Parameter rate: Tokens a second.
    init(rate: Double, now: ContinuousClock.Instant) {
        self.rate = rate
        self.capacity = max(1, rate / 4)
        self.filled = now
    }

    /// Takes as many whole tokens as there are, at most this many.
    mutating func take(_ most: Int, now: ContinuousClock.Instant) -> Int {
        self.fill(now)
        let taken = min(most, Int(self.tokens))
        self.tokens -= Double(taken)
        return taken
    }

    /// Puts back tokens that were taken for nothing.
    mutating func giveBack(_ count: Int) { self.tokens = min(self.capacity, self.tokens + Double(count)) }

    /// How long until there is a token.
    mutating func pause(now: ContinuousClock.Instant) -> Duration {
        self.fill(now)
        return self.tokens >= 1 ? .zero : .seconds((1 - self.tokens) / self.rate)
    }

    private mutating func fill(_ now: ContinuousClock.Instant) {
        let elapsed = self.filled.duration(to: now) / .seconds(1)
        self.tokens = min(self.capacity, self.tokens + elapsed * self.rate)
        self.filled = now
    }
}
