import Testing

@testable import Transformer

@Suite struct SchedulerTests {
    private static func scheduler(_ tokensPerStep: Int = 100, chunk: Int = 40) -> Scheduler {
        var settings = EngineSettings()
        settings.tokensPerStep = tokensPerStep
        settings.prefillChunk = chunk
        return Scheduler(settings)
    }

    @Test func `writing goes first, prompts get what is left, in their order`() {
        let plan = Self.scheduler().plan([
            .prefill(position: 0, remaining: 20), .decode(drafts: 0), .prefill(position: 0, remaining: 500),
            .decode(drafts: 0), .prefill(position: 0, remaining: 5),
        ])
        // Of the second prompt's 20 tokens the last 4 would not fill a page.
        #expect(plan == [20, 1, 16, 1, 4])
    }

    @Test func `prompts have the whole step when nothing writes`() {
        #expect(Self.scheduler().plan([.prefill(position: 0, remaining: 500)]) == [96])
        #expect(Self.scheduler().plan([.prefill(position: 0, remaining: 100)]) == [100])
        #expect(
            Self.scheduler().plan([.prefill(position: 96, remaining: 4), .prefill(position: 0, remaining: 96)]) == [
                4, 96,
            ])
    }

    @Test func `a chunk shorter than a page is computed all the same`() {
        #expect(Self.scheduler(chunk: 5).plan([.decode(drafts: 0), .prefill(position: 3, remaining: 50)]) == [1, 5])
    }

    @Test func `guesses take at most half of what writing leaves`() {
        let plan = Self.scheduler(20).plan([
            .decode(drafts: 8), .decode(drafts: 8), .prefill(position: 0, remaining: 9),
        ])
        #expect(plan == [9, 2, 9])
    }

    @Test func `a full batch leaves room for a prompt`() {
        for tokensPerStep in [2, 3, 16, 255, 256] {
            let scheduler = Self.scheduler(tokensPerStep)
            let writing = [Scheduler.Work](repeating: .decode(drafts: 8), count: scheduler.maximumBatch - 1)
            let plan = scheduler.plan(writing + [.prefill(position: 0, remaining: 300)])
            #expect(plan.allSatisfy { $0 > 0 })
            #expect(plan.reduce(0, +) <= tokensPerStep)
        }
    }

    @Test func `who follows another computes nothing`() {
        #expect(Self.scheduler().plan([.prefill(position: 0, remaining: 7), .follow]) == [7, 0])
    }
}

@Suite struct StepTimesTests {
    private let start = ContinuousClock.now

    @Test func `nothing is estimated before anything is measured, nor long after`() {
        var times = StepTimes()
        #expect(times.estimate(prefill: 100, newTokens: 100, at: self.start) == nil)
        times.record(.milliseconds(10), tokens: 1, writing: 1, written: 1, at: self.start)
        #expect(times.estimate(prefill: 0, newTokens: 100, at: self.start + .seconds(9)) != nil)
        #expect(times.estimate(prefill: 0, newTokens: 100, at: self.start + .seconds(10)) == nil)
    }

    @Test func `an estimate adds prompt and answer`() throws {
        var times = StepTimes()
        times.record(.milliseconds(400), tokens: 100, writing: 0, written: 0, at: self.start)
        times.record(.milliseconds(30), tokens: 2, writing: 2, written: 3, at: self.start)
        times.record(written: 25, of: 50)
        let seconds = try #require(times.estimate(prefill: 250, newTokens: 40, at: self.start))
        // 4 ms a prompt token; 20 ms a written one, of which half of the 40 are expected.
        #expect(abs(seconds - 1.4) < 1e-9)
    }

    @Test func `a guess must be surer the more sequences write`() {
        var times = StepTimes()
        times.record(.milliseconds(400), tokens: 100, writing: 0, written: 0, at: self.start)
        times.record(.milliseconds(14), tokens: 1, writing: 1, written: 1, at: self.start)
        #expect(abs(times.leastChance(writing: 1) - 4.0 / 14) < 1e-9)
        #expect(abs(times.leastChance(writing: 10) - 40.0 / 50) < 1e-9)
    }

    @Test func `one step in which the machine slept does not spoil the average`() throws {
        var average = MovingAverage()
        average.record(1)
        average.record(1_000_000)
        #expect(try #require(average.value) < 1.5)
        for _ in 0..<40 { average.record(1) }
        #expect(try #require(average.value) < 1.01)
    }
}
