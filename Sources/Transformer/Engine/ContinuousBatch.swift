/// The sequences that a model computes together, one step at a time; requests come and go between steps.
///
/// It knows nothing of threads: its owner calls it from one at a time, and ``step()`` as long as it ``hasWork``.
///
/// Memory is bounded without ever taking it back from a sequence that runs: a request is admitted when the pages it can
/// come to hold are free, or idle in the prefix cache, besides those that the running ones can still come to ask for.
/// So every running sequence goes on to its end, and the first that waits is admitted at the latest when none runs.
final class ContinuousBatch {
    let settings: EngineSettings
    let scheduler: Scheduler
    let model: LanguageModel
    var forwardPass: ForwardPass
    var pages: KeyValuePages
    var cache = PrefixCache()
    var times = StepTimes()
    var waiting = AdmissionQueue()
    /// In the order of precedence.
    var running: [SequenceState] = []
    /// Pages that the running sequences can still come to ask for.
    var promisedPages = 0
    var counts = EngineStatistics()
    var instruments = EngineInstruments()

    init(_ model: LanguageModel, kernels: consuming Kernels, _ settings: EngineSettings) {
        let bytesPerPage = KeyValuePages.bytesPerPage(model.configuration, settings.keyValueFormat)
        self.settings = settings
        self.scheduler = Scheduler(settings)
        self.model = model
        self.forwardPass = ForwardPass(model.configuration, model.parameters, kernels: kernels)
        self.pages = KeyValuePages(
            model.configuration, format: settings.keyValueFormat, limit: max(1, settings.keyValueMemory / bytesPerPage))
        self.counts.pageLimit = self.pages.limit
        self.counts.pageBytes = bytesPerPage
    }

    var hasWork: Bool { !self.running.isEmpty || !self.waiting.isEmpty }

    var statistics: EngineStatistics {
        var statistics = self.counts
        statistics.running = self.running.count
        statistics.waiting = self.waiting.count
        statistics.usedPages = self.pages.used
        statistics.idlePages = self.cache.idleCount
        statistics.evictedPages = self.cache.evicted
        return statistics
    }

    /// Shows the metrics system where the engine stands; to be called when it has changed.
    func publishStatistics() { self.instruments.publish(self.statistics) }

    // MARK: - Coming and going

    /// Takes a valid request, which begins when there is room for it.
    func submit(_ sequence: SequenceState) {
        if sequence.maximumPages > self.pages.limit {
            self.counts.failed += 1
            sequence.sink(.failure(self.tooLarge(sequence)))
        } else if let writer = sequence.writer, writer.finish != nil {
            self.counts.finished += 1
            sequence.sink(.generation(writer.generation))
        } else {
            self.waiting.insert(sequence)
        }
    }

    /// Ends a request, if it is still on its way, with a `CancellationError`.
    func cancel(_ id: SequenceState.ID) {
        if let index = self.running.firstIndex(where: { $0.id == id }) {
            self.counts.cancelled += 1
            self.leave(index, .failure(CancellationError()))
        } else if let sequence = self.waiting.remove(id) {
            self.counts.cancelled += 1
            sequence.sink(.failure(CancellationError()))
        }
    }

    /// Ends all requests with a `CancellationError`.
    func cancelAll() {
        for sequence in self.running { self.cancel(sequence.id) }
        while let sequence = self.waiting.popFirst() {
            self.counts.cancelled += 1
            sequence.sink(.failure(CancellationError()))
        }
    }

    /// Takes a sequence out and its pages back.
    func leave(_ index: Int, _ event: SequenceEvent) {
        let sequence = self.running.remove(at: index)
        self.promisedPages -= sequence.maximumPages - sequence.pages.count
        self.cache.release(sequence.pages, &self.pages)
        self.counts.cachedTokens += sequence.writer?.cachedTokens ?? 0
        sequence.sink(event)
    }

    private func tooLarge(_ sequence: SequenceState) -> TransformerError {
        let bytes = self.counts.pageBytes
        return TransformerError(
            .limitExceeded,
            "\(sequence.maximumPositions) tokens take \(sequence.maximumPages * bytes) bytes of keys and values, and the "
                + "engine has \(self.pages.limit * bytes); give it more memory (keyValueMemory), or ask for fewer tokens."
        )
    }
}
