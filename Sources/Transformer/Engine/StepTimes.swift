/// How long steps take, learnt as they run: a constant part, in which the weights are read, and a part for each token.
struct StepTimes: Sendable {
    /// Steps with as many tokens spend next to all their time on the tokens.
    private static let largeStep = 64
    /// How long a measurement says something about the next request.
    private static let shelfLife = Duration.seconds(10)

    /// Seconds of a token in large steps.
    private var perToken = MovingAverage()
    /// Seconds of a small step beyond those of its tokens.
    private var constant = MovingAverage()
    /// Seconds from one written token of a sequence to the next.
    private var perWrittenToken = MovingAverage()
    /// How much of what a request may write it does write.
    private var writtenShare = MovingAverage()
    private var measured: ContinuousClock.Instant?

    /// Takes over what a step took.
    ///
    /// - Parameters:
    ///   - tokens: Tokens computed.
    ///   - writing: Sequences that were past their prompt.
    ///   - written: Tokens that these wrote.
    mutating func record(
        _ duration: Duration, tokens: Int, writing: Int, written: Int, at now: ContinuousClock.Instant
    ) {
        let seconds = duration / .seconds(1)
        if tokens >= Self.largeStep {
            self.perToken.record(seconds / Double(tokens))
        } else {
            let variable = self.perToken.value.map { $0 * Double(tokens) } ?? 0
            self.constant.record(max(0, seconds - variable))
        }
        if written > 0 { self.perWrittenToken.record(seconds * Double(writing) / Double(written)) }
        self.measured = now
    }

    /// Takes over how much of what it might have written a request wrote.
    mutating func record(written: Int, of maximum: Int) {
        if maximum > 0 { self.writtenShare.record(Double(written) / Double(maximum)) }
    }

    /// Seconds for a prompt and its answer; nil when nothing measured lately says.
    ///
    /// - Parameters:
    ///   - prefill: Prompt tokens to be computed before the answer begins, those of earlier requests included.
    ///   - newTokens: The most tokens of the answer; as many are expected as others wrote of theirs.
    func estimate(prefill: Int, newTokens: Int, at now: ContinuousClock.Instant) -> Double? {
        guard let measured = self.measured, now - measured < Self.shelfLife else { return nil }
        let expected = max(1, Double(newTokens) * (self.writtenShare.value ?? 0))
        return Double(prefill) * (self.perToken.value ?? 0) + expected * (self.perWrittenToken.value ?? 0)
    }

    /// The chance at which a guessed token in a step gains as much as it costs.
    ///
    /// With `c` the constant part of a step, `t` the part of a token and `n` sequences, a guess costs `t`, and one that
    /// comes true saves the `c / n + t` of a written token.
    func leastChance(writing: Int) -> Double {
        guard let constant = self.constant.value, let perToken = self.perToken.value, constant + perToken > 0 else {
            return 0.5
        }
        let tokens = perToken * Double(writing)
        return tokens / (constant + tokens)
    }
}
