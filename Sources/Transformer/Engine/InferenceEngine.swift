internal import EventLoops
internal import Synchronization

/// Computes a model's answers on a thread of its own, never on the cooperative pool.
///
/// Requests that run at the same time are computed together; what one answers does not depend on the others. The thread
/// sleeps when there is none. An engine stays until its requests are answered, even if nobody else refers to it.
public actor InferenceEngine {
    public nonisolated let model: LanguageModel

    private let loop: EventLoop
    private let ids = Atomic(0)
    private let batch: ContinuousBatch
    private var isStepping = false
    private var isShutDown = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - model: The model, which other engines may share.
    ///   - threads: Threads for one step's matrix products, the engine's own included.
    ///   - settings: What the engine may use.
    public init(model: LanguageModel, threads: Int, settings: EngineSettings = EngineSettings()) {
        self.init(model: model, kernels: Kernels(threads: threads), settings: settings)
    }

    init(model: LanguageModel, kernels: consuming Kernels, settings: EngineSettings = EngineSettings()) {
        self.model = model
        self.loop = EventLoop(name: "inference")
        self.batch = ContinuousBatch(model, kernels: kernels, settings)
    }

    deinit { self.loop.shutdown() }

    // MARK: - Requests

    /// Writes on from a prompt.
    ///
    /// A request waits until there is a place and memory for it. One whose deadline leaves no time is answered with no
    /// token and ``FinishReason/deadline``; one that its deadline overtakes, with what there is.
    ///
    /// - Throws: ``TransformerError`` for a request that cannot be answered, `CancellationError` when the task is
    ///   cancelled or the engine shut down.
    public nonisolated func generate(_ request: GenerationRequest) async throws -> Generation {
        try request.validate(for: self.model)
        return try await self.perform { id, resume in
            SequenceState(id: id, request, self.model) { event in
                switch event {
                case .generation(let generation): resume(.success(generation))
                case .failure(let error): resume(.failure(error))
                case .text, .logits: break
                }
            }
        }
    }

    /// Writes on from a prompt, and hands out the text as it comes.
    ///
    /// The request begins at once, whether or not the stream is read, and is withdrawn when the stream is dropped. It
    /// throws as ``generate(_:)`` does.
    public nonisolated func stream(
        _ request: GenerationRequest
    ) -> AsyncThrowingStream<GenerationChunk, any Error> {
        let (stream, continuation) = AsyncThrowingStream<GenerationChunk, any Error>.makeStream()
        do {
            try request.validate(for: self.model)
        } catch {
            continuation.finish(throwing: error)
            return stream
        }
        let id = self.nextID()
        continuation.onTermination = { [weak self] termination in
            if case .cancelled = termination { self?.cancel(id) }
        }
        self.submit(
            SequenceState(id: id, request, self.model, wantsText: true) { event in
                switch event {
                case .text(let text): continuation.yield(.text(text))
                case .generation(let generation):
                    continuation.yield(.generation(generation))
                    continuation.finish()
                case .failure(let error): continuation.finish(throwing: error)
                case .logits: break
                }
            })
        return stream
    }

    /// The logits after the last token, or after each.
    ///
    /// - Returns: One row of `vocabularySize` numbers, or one for each token.
    /// - Throws: ``TransformerError`` for tokens that do not fit the model, `CancellationError` as ``generate(_:)``.
    public nonisolated func logits(_ tokens: [TokenID], all: Bool = false) async throws -> [[Float]] {
        guard !tokens.isEmpty else { throw TransformerError(.invalidRequest, "There is no token.") }
        try self.model.configuration.validate(tokens, newTokens: 0)
        return try await self.perform { id, resume in
            SequenceState(id: id, logitsAfter: tokens, all: all) { event in
                switch event {
                case .logits(let rows): resume(.success(rows))
                case .failure(let error): resume(.failure(error))
                case .text, .generation: break
                }
            }
        }
    }

    /// What the engine is doing and has done.
    public var statistics: EngineStatistics { self.batch.statistics }

    /// Ends all requests, and those still to come, with a `CancellationError`.
    public func shutdown() {
        self.isShutDown = true
        self.batch.cancelAll()
        self.batch.publishStatistics()
    }

    // MARK: - The engine's thread

    /// Submits a sequence and waits for what it resumes with; withdraws it when the task is cancelled.
    private nonisolated func perform<Value: Sendable>(
        _ sequence: (SequenceState.ID, @escaping @Sendable (Result<Value, any Error>) -> Void) -> SequenceState
    ) async throws -> Value {
        let id = self.nextID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.submit(sequence(id) { continuation.resume(with: $0) })
                // A cancellation that came before the request would have found nothing to withdraw.
                if Task.isCancelled { self.cancel(id) }
            }
        } onCancel: {
            self.cancel(id)
        }
    }

    private nonisolated func nextID() -> Int { self.ids.add(1, ordering: .relaxed).newValue }

    private nonisolated func submit(_ sequence: SequenceState) {
        self.loop.execute { self.assumeIsolated { $0.take(sequence) } }
    }

    private nonisolated func cancel(_ id: SequenceState.ID) {
        self.loop.execute {
            self.assumeIsolated {
                $0.batch.cancel(id)
                $0.batch.publishStatistics()
            }
        }
    }

    private func take(_ sequence: SequenceState) {
        guard !self.isShutDown else {
            sequence.sink(.failure(CancellationError()))
            return
        }
        self.batch.submit(sequence)
        self.startStepping()
    }

    private func startStepping() {
        guard !self.isStepping, self.batch.hasWork else { return }
        self.isStepping = true
        self.scheduleStep()
    }

    /// Lets what came in the meantime go first.
    private func scheduleStep() {
        self.loop.execute { self.assumeIsolated { $0.step() } }
    }

    private func step() {
        self.batch.step()
        self.batch.publishStatistics()
        if self.batch.hasWork { self.scheduleStep() } else { self.isStepping = false }
    }
}
