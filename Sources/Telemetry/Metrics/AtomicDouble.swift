import Synchronization

extension Atomic where Value == Double {
    /// Adds without a lock.
    ///
    /// Relaxed, because a metric orders nothing else.
    func add(_ amount: Double) {
        var current = self.load(ordering: .relaxed)
        while true {
            let (isExchanged, original) = self.weakCompareExchange(
                expected: current, desired: current + amount, ordering: .relaxed)
            if isExchanged { return }
            current = original
        }
    }
}
