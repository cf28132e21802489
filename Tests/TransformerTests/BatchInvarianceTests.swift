import Testing

@testable import Transformer

@Suite struct BatchInvarianceTests {
    /// Lets 30 small letters be written.
    private struct Letters: TextConstraint {
        private var count = 0

        func accepts(_ bytes: [UInt8]) -> Bool {
            self.count + bytes.count <= 30 && bytes.allSatisfy { (0x61...0x7A).contains($0) }
        }
        mutating func append(_ bytes: [UInt8]) { self.count += bytes.count }
        var mayEnd: Bool { self.count == 30 }
    }

    /// A request of random length and kind, with what others of the same seed have in common with it.
    private static func request(_ generator: inout SplitMix64) -> GenerationRequest {
        let prefix =
            Bool.random(using: &generator) ? randomTokens(Int.random(in: 20...70, using: &generator), seed: 9) : []
        var own = randomTokens(
            Int.random(in: 1...60, using: &generator), seed: UInt64.random(in: 0..<20, using: &generator))
        // Text that repeats itself, as answers repeat their facts.
        if Bool.random(using: &generator) { own += own.suffix(20) + own.suffix(20) }
        let stops = Bool.random(using: &generator) ? randomTokens(3, seed: generator.next()) : []
        let sampling: Sampling =
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: .random(temperature: 0.7, topK: 20, seed: generator.next())
            case 1: .greedy(repetitionPenalty: 1.2)
            default: .greedy
            }
        return GenerationRequest(
            prompt: prefix + own, maximumNewTokens: Int.random(in: 1...40, using: &generator), sampling: sampling,
            stopTokens: Set(stops),
            stopStrings: Int.random(in: 0..<5, using: &generator) == 0 ? ["e", "ab"] : [],
            constraint: Int.random(in: 0..<10, using: &generator) == 0 ? Letters() : nil,
            deadline: Bool.random(using: &generator)
                ? .now + .seconds(Int.random(in: 3600...7200, using: &generator)) : nil,
            sharedPrefix: prefix.count, cacheOwner: ["anna", "bert", nil].randomElement(using: &generator) ?? nil)
    }

    @Test(.timeLimit(.minutes(1)), arguments: [(1, KeyValueFormat.f32), (2, .f32), (2, .f16)])
    func `200 requests that come and go at random are answered as each alone`(
        threads: Int, format: KeyValueFormat
    ) throws {
        var generator = SplitMix64(seed: UInt64(threads))
        let requests = (0..<200).map { _ in Self.request(&generator) }
        var settings = EngineSettings.plain
        settings.keyValueFormat = format
        let alone = try BatchRun(settings)
        let expected = try requests.map { request in
            let id = try alone.submit(request)
            alone.drain()
            return try #require(alone.outcomes.generation(id))
        }

        settings = try EngineSettings().pages(90)
        settings.keyValueFormat = format
        settings.maximumBatch = 12
        settings.prefillChunk = 24
        settings.tokensPerStep = 96
        let together = try BatchRun(settings, threads: threads)
        var waiting = Array(requests.indices.reversed())
        var ids: [Int] = []
        var cancelled: Set<Int> = []
        while !waiting.isEmpty || together.batch.hasWork {
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                if let index = waiting.popLast() { ids.append(try together.submit(requests[index])) }
            }
            if Int.random(in: 0..<20, using: &generator) == 0, let id = ids.suffix(20).randomElement(using: &generator),
                together.outcomes.events(id).isEmpty
            {
                together.batch.cancel(id)
                cancelled.insert(id)
            }
            // Whether guesses are worth their time is not to depend on how busy the machine is.
            together.batch.times = StepTimes()
            together.batch.step()
            #expect(together.batch.pages.used <= together.batch.pages.limit)
        }

        for (id, expected) in zip(ids, expected) where !cancelled.contains(id) {
            let generation = try #require(together.outcomes.generation(id))
            #expect(generation.tokens == expected.tokens)
            #expect(generation.text == expected.text)
            #expect(generation.finish == expected.finish)
        }
        // Otherwise the above would prove nothing.
        let statistics = together.batch.statistics
        #expect(!cancelled.isEmpty)
        #expect(statistics.finished == 200 - cancelled.count)
        #expect(statistics.acceptedDrafts > 0 && statistics.acceptedDrafts < statistics.draftedTokens)
        #expect(statistics.cachedTokens > 0)
        #expect(statistics.evictedPages > 0)
        #expect(statistics.usedPages == statistics.idlePages)
    }
}
