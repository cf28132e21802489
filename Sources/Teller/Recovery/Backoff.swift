/// Exponential backoff with full jitter: each pause is drawn evenly from zero to a limit that doubles.
///
/// Source: M. Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
struct Backoff: Sendable {
    let base: Duration
    let cap: Duration
    private var exponent = 0

    init(base: Duration = .milliseconds(200), cap: Duration = .seconds(5)) {
        self.base = base
        self.cap = cap
    }

    /// The next pause.
    mutating func next() -> Duration {
        let limit = min(self.cap, self.base * (1 << min(self.exponent, 16)))
        self.exponent += 1
        return limit * Double.random(in: 0...1)
    }
}
