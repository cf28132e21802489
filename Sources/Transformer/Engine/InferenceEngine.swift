internal import EventLoops

/// Computes a model's answers on a thread of its own, never on the cooperative pool.
///
/// Requests that run at the same time take turns, one step each; what one answers does not depend on the others.
public actor InferenceEngine {
    public nonisolated let model: LanguageModel

    private let loop: EventLoop
    private var forwardPass: ForwardPass
    private var pages: KeyValuePages

    public nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - model: The model, which other engines may share.
    ///   - threads: Threads for one step's matrix products, the engine's own included.
    public init(model: LanguageModel, threads: Int) {
        self.init(model: model, kernels: Kernels(threads: threads))
    }

    init(model: LanguageModel, kernels: consuming Kernels) {
        self.model = model
        self.loop = EventLoop(name: "inference")
        self.forwardPass = ForwardPass(model.configuration, model.parameters, kernels: kernels)
        self.pages = KeyValuePages(model.configuration, limit: .max)
    }

    deinit { self.loop.shutdown() }

    /// Writes on from a prompt.
    ///
    /// - Throws: ``TransformerError`` for a request that cannot be answered, `CancellationError` when the task is
    ///   cancelled.
    public func generate(_ request: GenerationRequest) async throws -> Generation {
        try request.validate(for: self.model)
        var writer = TokenWriter(request, self.model)
        var sequence: (pages: [Page], count: Int) = ([], 0)
        defer { self.release(sequence.pages) }
        var pending = request.prompt[...]
        while writer.finish == nil {
            await self.takeTurns()
            try Task.checkCancellation()
            if writer.isPastDeadline {
                writer.end(.deadline)
                break
            }
            let chunk = pending.prefix(ForwardPass.maximumTokens)
            pending = pending.dropFirst(chunk.count)
            self.run(chunk, &sequence, logits: pending.isEmpty ? .last : .none)
            if pending.isEmpty, let token = try self.choose(&writer) { pending = [token] }
        }
        return writer.generation
    }

    /// The logits after the last token, or after each.
    ///
    /// - Returns: One row of `vocabularySize` numbers, or one for each token.
    public func logits(_ tokens: [TokenID], all: Bool = false) async throws(TransformerError) -> [[Float]] {
        guard !tokens.isEmpty else { throw TransformerError(.invalidRequest, "There is no token.") }
        try self.model.configuration.validate(tokens, newTokens: 0)
        var sequence: (pages: [Page], count: Int) = ([], 0)
        defer { self.release(sequence.pages) }
        var rows: [[Float]] = []
        var pending = tokens[...]
        while !pending.isEmpty {
            let chunk = pending.prefix(ForwardPass.maximumTokens)
            pending = pending.dropFirst(chunk.count)
            self.run(chunk, &sequence, logits: all ? .all : pending.isEmpty ? .last : .none)
            for row in 0..<(all ? chunk.count : pending.isEmpty ? 1 : 0) {
                rows.append(self.forwardPass.withLogits(run: 0, row: row) { Array($0) })
            }
            await self.takeTurns()
        }
        return rows
    }

    /// Lets other requests' steps, and calls that just came, go first.
    ///
    /// `Task.yield()` would do so by way of the cooperative pool, and wait there for a thread at every token.
    private func takeTurns() async {
        await withCheckedContinuation { continuation in
            self.loop.execute { continuation.resume() }
        }
    }

    private func run(
        _ tokens: ArraySlice<TokenID>, _ sequence: inout (pages: [Page], count: Int), logits: SequenceRun.LogitRows
    ) {
        while sequence.pages.count < KeyValuePages.count(forPositions: sequence.count + tokens.count),
            let page = self.pages.allocate()
        { sequence.pages.append(page) }
        self.forwardPass.run(
            [SequenceRun(tokens: tokens, position: sequence.count, pages: sequence.pages, logits: logits)], self.pages)
        sequence.count += tokens.count
    }

    private func release(_ pages: [Page]) {
        for page in pages { self.pages.release(page) }
    }

    private func choose(_ writer: inout TokenWriter) throws(TransformerError) -> TokenID? {
        try self.forwardPass.withLogits(run: 0) { logits throws(TransformerError) in
            try writer.write(logits)
        }
    }
}
