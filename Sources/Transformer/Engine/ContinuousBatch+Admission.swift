extension ContinuousBatch {
    private var maximumBatch: Int { min(max(1, self.settings.maximumBatch), self.scheduler.maximumBatch) }

    /// Ends what its deadline has overtaken.
    func endExpired(_ now: ContinuousClock.Instant) {
        for index in self.running.indices.reversed() where self.running[index].isExpired(now) {
            self.running[index].writer?.end(.deadline)
            self.finish(index)
        }
        for sequence in self.waiting.removeAll(where: { $0.isExpired(now) }) { self.refuse(sequence) }
    }

    /// Begins the requests that there is room for, and refuses those that there is no time for.
    ///
    /// Nobody is passed over: the first that does not fit makes the others wait, so that large requests get their turn.
    func admit(_ now: ContinuousClock.Instant) {
        while self.running.count < self.maximumBatch, var sequence = self.waiting.popFirst() {
            self.adoptPages(&sequence)
            let inUse = self.pages.used - self.cache.idleCount
            let needed = sequence.maximumPages - sequence.pages.count
            if !self.canFinish(sequence, now) {
                self.cache.release(sequence.pages, &self.pages)
                sequence.dropPages()
                self.refuse(sequence)
            } else if inUse + self.promisedPages + needed > self.pages.limit {
                self.cache.release(sequence.pages, &self.pages)
                sequence.dropPages()
                self.waiting.insert(sequence)
                return
            } else {
                self.promisedPages += needed
                self.running.insert(sequence, at: self.running.partitioningIndex { sequence.precedes($0) })
            }
        }
    }

    /// Whether there is time for a request, after the prompts of those that go before it; in doubt there is.
    private func canFinish(_ sequence: SequenceState, _ now: ContinuousClock.Instant) -> Bool {
        guard let deadline = sequence.deadline else { return true }
        let before = self.running.reduce(0) { $0 + ($1.precedes(sequence) ? $1.remainingPrompt : 0) }
        guard
            let seconds = self.times.estimate(
                prefill: before + sequence.remainingPrompt, newTokens: sequence.maximumNewTokens, at: now)
        else { return true }
        return now + .seconds(seconds) <= deadline
    }

    private func refuse(_ sequence: SequenceState) {
        guard var writer = sequence.writer else { return }
        self.counts.refused += 1
        writer.end(.deadline)
        sequence.sink(.generation(writer.generation))
    }
}
