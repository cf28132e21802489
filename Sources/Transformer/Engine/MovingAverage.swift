/// An average in which older samples count less and less; one stray sample cannot spoil it.
struct MovingAverage: Sendable {
    private static let novelty = 0.125
    /// How much larger than the average a sample counts at most: a machine that was asleep says nothing of the next step.
    private static let largestJump = 4.0

    private(set) var value: Double?

    mutating func record(_ sample: Double) {
        guard let value = self.value, value > 0 else {
            self.value = sample
            return
        }
        self.value = value + Self.novelty * (min(sample, value * Self.largestJump) - value)
    }
}
