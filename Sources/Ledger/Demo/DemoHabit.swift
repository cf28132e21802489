/// Something that a demonstration customer does every month.
struct DemoHabit: Sendable {
    /// When in a month it happens.
    enum Rhythm: Sendable {
        /// Once, on a day (1 to 28).
        case on(day: Int)
        /// A number of times within the range, on days drawn from the seed.
        case times(ClosedRange<Int>)
    }

    let merchant: String?
    let description: String
    let category: TransactionCategory
    let rhythm: Rhythm
    /// What is paid each time, in cents; drawn from the range.
    let cents: ClosedRange<Int>
    /// Amounts are whole multiples of this many cents.
    let step: Int
    let account: AccountKind

    /// Money out; a card customer's spending goes to the card.
    static func spends(
        _ merchant: String?, _ description: String, _ category: TransactionCategory, _ rhythm: Rhythm,
        _ cents: ClosedRange<Int>,
        step: Int = 1, from account: AccountKind = .credit
    ) -> DemoHabit {
        DemoHabit(
            merchant: merchant, description: description, category: category, rhythm: rhythm, cents: cents, step: step,
            account: account)
    }
}
