import Synchronization

@testable import Transformer

/// A batch without a thread of its own: a test says what comes when, and calls each step.
final class BatchRun {
    /// What requests were told.
    final class Outcomes: Sendable {
        private let events = Mutex<[Int: [SequenceEvent]]>([:])
        private let order = Mutex<[Int]>([])

        func record(_ id: Int, _ event: SequenceEvent) {
            self.events.withLock { $0[id, default: []].append(event) }
            if case .text = event { return }
            self.order.withLock { $0.append(id) }
        }

        /// Requests in the order in which they ended.
        var ended: [Int] { self.order.withLock { $0 } }

        func events(_ id: Int) -> [SequenceEvent] { self.events.withLock { $0[id] ?? [] } }

        /// What a request was answered; nil where it was not.
        func generation(_ id: Int) -> Generation? {
            for case .generation(let generation) in self.events(id) { return generation }
            return nil
        }
    }

    let batch: ContinuousBatch
    let outcomes = Outcomes()
    private var nextID = 0

    init(_ settings: EngineSettings = EngineSettings(), threads: Int = 1) throws {
        self.batch = ContinuousBatch(try TinyCheckpoint.shared.get(), kernels: Kernels(threads: threads), settings)
    }

    @discardableResult
    func submit(_ request: GenerationRequest) throws -> Int {
        try request.validate(for: self.batch.model)
        self.nextID += 1
        let (id, outcomes) = (self.nextID, self.outcomes)
        self.batch.submit(SequenceState(id: id, request, self.batch.model) { outcomes.record(id, $0) })
        return id
    }

    /// Steps until nothing runs or waits, and returns how many.
    @discardableResult
    func drain() -> Int {
        var steps = 0
        while self.batch.hasWork {
            self.batch.step()
            steps += 1
        }
        return steps
    }
}

extension EngineSettings {
    /// One request at a time, everything computed where it comes.
    static var plain: Self {
        var settings = Self()
        settings.maximumBatch = 1
        settings.maximumDraft = 0
        settings.reusesPrefixes = false
        return settings
    }

    /// Memory for so many pages of the tiny model.
    func pages(_ count: Int) throws -> Self {
        var settings = self
        settings.keyValueMemory = count * KeyValuePages.bytesPerPage(try TinyCheckpoint.shared.get().configuration)
        return settings
    }
}

/// Tokens that stand for themselves, drawn from a seed.
func randomTokens(_ count: Int, seed: UInt64 = 1) -> [TokenID] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in TokenID.random(in: 2..<288, using: &generator) }
}
