/// How many tokens are worth guessing ahead for one sequence, by how often its guesses came true.
struct DraftLength: Sendable {
    private static let novelty = 0.125
    /// Steps without a guess after which one token is tried again.
    private static let patience = 16

    /// The share of guessed tokens that were written, each judged when those before it were.
    private var rate = 0.8
    private var stepsWithout = 0

    /// The longest guess whose last token still has the least chance to be written.
    ///
    /// - Parameter limit: The most there may be.
    func maximum(leastChance: Double, limit: Int) -> Int {
        guard limit > 0 else { return 0 }
        var (length, chance) = (0, self.rate)
        while length < limit, chance >= leastChance {
            length += 1
            chance *= self.rate
        }
        return length == 0 && self.stepsWithout >= Self.patience ? 1 : length
    }

    /// Takes over how a step's guess turned out.
    mutating func record(drafted: Int, accepted: Int) {
        guard drafted > 0 else {
            self.stepsWithout += 1
            return
        }
        self.stepsWithout = 0
        for _ in 0..<accepted { self.rate += Self.novelty * (1 - self.rate) }
        if accepted < drafted { self.rate -= Self.novelty * self.rate }
    }
}
