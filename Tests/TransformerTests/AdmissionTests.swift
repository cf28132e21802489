import Testing

@testable import Transformer

@Suite struct AdmissionTests {
    private static func request(
        _ prompt: Int = 20, new: Int = 10, deadline: Duration? = nil, seed: UInt64 = 1
    ) -> GenerationRequest {
        GenerationRequest(
            prompt: randomTokens(prompt, seed: seed), maximumNewTokens: new, ignoreEndOfSequence: true,
            deadline: deadline.map { .now + $0 })
    }

    @Test func `the earliest deadline goes first, then who came first`() throws {
        var settings = EngineSettings()
        settings.maximumBatch = 1
        let run = try BatchRun(settings)
        let deadlines: [Duration?] = [nil, .seconds(3000), nil, .seconds(1000), .seconds(2000)]
        for deadline in deadlines { try run.submit(Self.request(deadline: deadline)) }
        run.drain()
        #expect(run.outcomes.ended == [4, 5, 2, 1, 3])
    }

    @Test func `memory bounds what runs, and what does not fit waits its turn`() throws {
        // 29 positions are 2 pages: 3 at a time.
        let run = try BatchRun(EngineSettings().pages(7))
        let ids = try (0..<20).map { try run.submit(Self.request(seed: UInt64($0))) }
        var most = 0
        while run.batch.hasWork {
            run.batch.step()
            most = max(most, run.batch.statistics.running)
            #expect(run.batch.statistics.usedPages <= 7)
        }
        #expect(most == 3)
        #expect(run.outcomes.ended.sorted() == ids)
        #expect(ids.allSatisfy { run.outcomes.generation($0)?.tokens.count == 10 })
        #expect(run.batch.statistics.usedPages == 0)
    }

    @Test func `a large request is not passed over by small ones for ever`() throws {
        let run = try BatchRun(EngineSettings().pages(7))
        for seed in UInt64(0)..<3 { try run.submit(Self.request(seed: seed)) }
        run.batch.step()
        let large = try run.submit(Self.request(100, new: 10))
        for seed in UInt64(3)..<9 { try run.submit(Self.request(seed: seed)) }
        run.drain()
        #expect(run.outcomes.ended.firstIndex(of: large) == 3)
    }

    @Test func `what can never fit is refused, with what would help`() throws {
        let run = try BatchRun(EngineSettings().pages(3))
        let id = try run.submit(Self.request(40, new: 10))
        guard case .failure(let error as TransformerError) = run.outcomes.events(id).first else {
            Issue.record("it was not refused")
            return
        }
        #expect(error.code == .limitExceeded)
        #expect(error.message.contains("keyValueMemory"))
        let fits = try run.submit(Self.request(40, new: 9))
        run.drain()
        #expect(run.outcomes.generation(fits)?.tokens.count == 9)
    }

    @Test func `cancelling gives the pages back at once`() throws {
        let run = try BatchRun(EngineSettings().pages(7))
        let ids = try (0..<5).map { try run.submit(Self.request(new: 13, seed: UInt64($0))) }
        run.batch.step()
        #expect(run.batch.statistics.usedPages == 6)
        run.batch.cancel(ids[0])
        #expect(run.batch.statistics.usedPages == 4)
        run.batch.cancel(ids[4])
        run.drain()
        #expect(run.outcomes.ended.prefix(2) == [ids[0], ids[4]])
        #expect(run.batch.statistics.cancelled == 2)
        #expect(run.batch.statistics.finished == 3)
        #expect(run.batch.promisedPages == 0)
    }

    @Test func `a request without time to finish does not begin`() throws {
        let run = try BatchRun()
        let now = ContinuousClock.now
        // 10 ms a prompt token, 20 ms a written one, of which all are written.
        run.batch.times.record(.seconds(1), tokens: 100, writing: 0, written: 0, at: now)
        run.batch.times.record(.milliseconds(20), tokens: 1, writing: 1, written: 1, at: now)
        run.batch.times.record(written: 10, of: 10)
        let late = try run.submit(Self.request(20, new: 10, deadline: .milliseconds(390)))
        let inTime = try run.submit(Self.request(20, new: 10, deadline: .seconds(100)))
        run.drain()
        let refused = try #require(run.outcomes.generation(late))
        #expect(refused.finish == .deadline)
        #expect(refused.tokens.isEmpty)
        #expect(run.batch.statistics.refused == 1)
        #expect(run.outcomes.generation(inTime)?.tokens.count == 10)
        #expect(run.batch.statistics.prefillTokens == 20)
    }

    @Test func `prompts that go before count, kept pages do not`() throws {
        let run = try BatchRun()
        var kept = Self.request(200, new: 1, deadline: .seconds(1000))
        kept.sharedPrefix = 200
        try run.submit(kept)
        run.drain()
        let now = ContinuousClock.now
        run.batch.times = StepTimes()
        run.batch.times.record(.seconds(100), tokens: 100, writing: 0, written: 0, at: now)
        kept.deadline = now + .seconds(50)
        // 192 of the 200 tokens are kept, so it takes 8 s and not 200; then comes one that has to wait for a long prompt.
        let first = try run.submit(kept)
        try run.submit(Self.request(90, new: 1, deadline: .seconds(99)))
        let third = try run.submit(Self.request(20, new: 1, deadline: .seconds(100)))
        run.batch.step(now: now)
        #expect(run.outcomes.generation(first)?.usage.cachedTokens == 192)
        #expect(run.outcomes.generation(third)?.finish == .deadline)
    }

    @Test func `a deadline that passes while waiting is answered without a token`() throws {
        var settings = EngineSettings()
        settings.maximumBatch = 1
        let run = try BatchRun(settings)
        try run.submit(Self.request(new: 30, deadline: .seconds(1000)))
        let id = try run.submit(Self.request(deadline: .seconds(2000)))
        run.batch.step()
        run.batch.step(now: .now + .seconds(3000))
        #expect(run.outcomes.generation(id)?.tokens.isEmpty == true)
        let overtaken = try #require(run.outcomes.generation(1))
        #expect(overtaken.finish == .deadline)
        #expect(!overtaken.tokens.isEmpty && overtaken.tokens.count < 30)
        #expect(!run.batch.hasWork)
    }

    @Test func `a long prompt does not stall who writes`() throws {
        var settings = EngineSettings()
        settings.prefillChunk = 16
        let run = try BatchRun(settings)
        let writer = try run.submit(Self.request(5, new: 20))
        run.batch.step()
        let reader = try run.submit(Self.request(400, new: 1, seed: 2))
        run.drain()
        #expect(run.outcomes.ended == [writer, reader])
    }
}
