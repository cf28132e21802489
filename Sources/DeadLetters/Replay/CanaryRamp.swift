/// Lets a plan grow by steps: as many messages as a step has, and the next step when all that was sent is settled.
///
/// It knows only what the database knows, so a replay that was killed goes on within the step that it was in.
struct CanaryRamp {
    /// Where each step ends, counted from the plan's first message.
    private let ends: [Int]

    init(steps: [Int]) {
        var ends: [Int] = []
        for step in steps { ends.append((ends.last ?? 0) + step) }
        self.ends = ends
    }

    /// How many more messages may be sent now; nil for any number.
    func allowance(sent: Int, unsettled: Int) -> Int? {
        // While something is unsettled, the step that was begun is not over.
        let end = self.ends.first { unsettled > 0 ? $0 >= sent : $0 > sent }
        return end.map { $0 - sent }
    }
}
