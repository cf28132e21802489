extension ContinuousBatch {
    /// Computes the next tokens of all sequences that can go on.
    func step(now: ContinuousClock.Instant = .now) {
        self.endExpired(now)
        self.admit(now)
        guard !self.running.isEmpty else { return }
        let drafts = self.draft()
        let shares = self.scheduler.plan(self.work(drafts))
        var runs: [SequenceRun] = []
        var indices: [Int] = []
        for (index, share) in shares.enumerated() where share > 0 {
            self.reservePages(running: index, tokens: share)
            runs.append(self.running[index].run(share, drafts: drafts[index]))
            indices.append(index)
        }
        let clock = ContinuousClock()
        let start = clock.now
        let writing = self.running.count { $0.isWriting }
        self.forwardPass.run(runs, self.pages)
        let written = self.takeOver(runs, indices)
        let end = clock.now
        self.counts.steps += 1
        self.times.record(
            end - start, tokens: runs.reduce(0) { $0 + $1.tokens.count }, writing: writing, written: written, at: end)
    }

    // MARK: - Before the forward pass

    /// Tokens to guess ahead, for each sequence: the surer the more sequences share the step.
    private func draft() -> [[TokenID]] {
        let leastChance = self.times.leastChance(writing: self.running.count { $0.isWriting })
        return self.running.map { sequence in
            guard sequence.isWriting, let writer = sequence.writer else { return [] }
            return writer.drafts(maximum: self.settings.maximumDraft, leastChance: leastChance)
        }
    }

    /// What each sequence could do.
    ///
    /// Of those that would compute the same page the first does, and the others follow.
    private func work(_ drafts: [[TokenID]]) -> [Scheduler.Work] {
        var claimed: Set<PrefixCache.Key> = []
        return self.running.indices.map { index in
            if self.running[index].isWriting { return .decode(drafts: drafts[index].count) }
            self.adoptPages(running: index)
            let sequence = self.running[index]
            if self.settings.reusesPrefixes, let key = sequence.nextKey, !claimed.insert(key).inserted,
                sequence.isAtPage, sequence.computed + KeyValuePages.pageSize < sequence.promptCount
            {
                return .follow
            }
            return .prefill(position: sequence.computed, remaining: sequence.longestChunk)
        }
    }

    // MARK: - After the forward pass

    /// Takes over what was computed, and writes what follows from it.
    ///
    /// - Returns: How many tokens were written by sequences that were past their prompt.
    private func takeOver(_ runs: [SequenceRun], _ indices: [Int]) -> Int {
        var written = 0
        var ended: [(index: Int, error: (any Error)?)] = []
        for (run, index) in indices.enumerated() {
            let isWriting = self.running[index].isWriting
            do throws(TransformerError) {
                if self.running[index].writer == nil {
                    self.collect(run, runs[run], into: index)
                } else if isWriting {
                    written += try self.write(run, runs[run], into: index)
                } else {
                    try self.prefill(run, runs[run], into: index)
                }
                self.keepPages(running: index)
                if self.running[index].isOver { ended.append((index, nil)) }
            } catch {
                ended.append((index, error))
            }
        }
        for (index, error) in ended.reversed() {
            if let error {
                self.counts.failed += 1
                self.leave(index, .failure(error))
            } else {
                self.finish(index)
            }
        }
        return written
    }

    private func prefill(_ run: Int, _ computed: SequenceRun, into index: Int) throws(TransformerError) {
        self.counts.prefillTokens += computed.tokens.count
        self.running[index].computed += computed.tokens.count
        if self.running[index].remainingPrompt == 0 {
            _ = try self.write(run, row: 0, into: index)
            self.instruments.firstToken(after: self.running[index].arrival.duration(to: .now))
        }
    }

    /// Writes the token that follows, and those that were guessed and do follow.
    ///
    /// - Returns: How many were written.
    private func write(_ run: Int, _ computed: SequenceRun, into index: Int) throws(TransformerError) -> Int {
        let drafts = computed.tokens.dropFirst()
        var accepted = 0
        self.running[index].computed += 1
        var token = try self.write(run, row: 0, into: index)
        while accepted < drafts.count, let last = token, last == drafts[drafts.startIndex + accepted] {
            accepted += 1
            self.running[index].computed += 1
            token = try self.write(run, row: accepted, into: index)
        }
        self.counts.draftedTokens += drafts.count
        self.counts.acceptedDrafts += accepted
        return 1 + accepted
    }

    private func write(_ run: Int, row: Int, into index: Int) throws(TransformerError) -> TokenID? {
        let token = try self.forwardPass.withLogits(run: run, row: row) { logits throws(TransformerError) in
            try self.running[index].writer?.write(logits)
        }
        if let token { self.running[index].tokens.append(token) }
        self.counts.writtenTokens += 1
        if self.running[index].wantsText, let text = self.running[index].writer?.takeText(), !text.isEmpty {
            self.running[index].sink(.text(text))
        }
        return token ?? nil
    }

    private func collect(_ run: Int, _ computed: SequenceRun, into index: Int) {
        self.running[index].computed += computed.tokens.count
        for row in 0..<computed.logitCount {
            self.running[index].rows.append(self.forwardPass.withLogits(run: run, row: row) { Array($0) })
        }
    }

    /// Hands out what a sequence came to.
    func finish(_ index: Int) {
        self.counts.finished += 1
        guard let writer = self.running[index].writer else {
            self.leave(index, .logits(self.running[index].rows))
            return
        }
        let generation = writer.generation
        self.instruments.finished(generation.usage, after: self.running[index].arrival.duration(to: .now))
        if self.running[index].wantsText, let text = self.running[index].writer?.takeText(), !text.isEmpty {
            self.running[index].sink(.text(text))
        }
        if generation.finish != .deadline {
            self.times.record(
                written: generation.usage.completionTokens, of: self.running[index].maximumNewTokens)
        }
        self.leave(index, .generation(generation))
    }
}
