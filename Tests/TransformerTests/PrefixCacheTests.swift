import Testing

@testable import Transformer

@Suite struct PrefixCacheTests {
    private static let prefix = randomTokens(50, seed: 3)

    private static func request(
        _ suffix: [TokenID], prefix: [TokenID] = Self.prefix, shared: Int = 50, owner: String? = nil, new: Int = 4
    ) -> GenerationRequest {
        GenerationRequest(
            prompt: prefix + suffix, maximumNewTokens: new, ignoreEndOfSequence: true, sharedPrefix: shared,
            cacheOwner: owner)
    }

    /// How many prompt tokens each of the requests, one after the other, did not compute again.
    private static func cachedTokens(_ requests: GenerationRequest..., settings: EngineSettings = .init()) throws
        -> [Int]
    {
        let run = try BatchRun(settings)
        return try requests.map { request in
            let id = try run.submit(request)
            run.drain()
            return try #require(run.outcomes.generation(id)).usage.cachedTokens
        }
    }

    @Test func `full pages of the shared prefix are everybody's`() throws {
        #expect(
            try Self.cachedTokens(
                Self.request([5, 6], owner: "anna"), Self.request([7, 8], owner: "bert"), Self.request([7, 8])) == [
                    0, 48, 48,
                ])
    }

    @Test func `beyond the shared prefix an owner finds only what is the owner's`() throws {
        let own = randomTokens(60, seed: 4)
        let cached = try Self.cachedTokens(
            Self.request(own, owner: "anna"), Self.request(own, owner: "bert"), Self.request(own),
            Self.request(own, owner: "anna"), Self.request(own, owner: "bert"))
        // Of 110 tokens 6 pages are full; nobody's request neither finds nor leaves any of its own.
        #expect(cached == [0, 48, 48, 96, 96])
    }

    @Test func `without a shared prefix nothing goes from owner to owner`() throws {
        let own = randomTokens(60, seed: 4)
        let cached = try Self.cachedTokens(
            Self.request(own, shared: 0, owner: "anna"), Self.request(own, shared: 0, owner: "bert"),
            Self.request(own, shared: 0), Self.request(own, shared: 0), Self.request(own, shared: 0, owner: "anna"))
        #expect(cached == [0, 0, 0, 0, 96])
    }

    @Test func `an owner's pages are not everybody's because another request calls them shared`() throws {
        let own = randomTokens(60, seed: 4)
        #expect(
            try Self.cachedTokens(
                Self.request(own, shared: 0, owner: "anna"), Self.request(own, shared: 110, owner: "bert")) == [0, 0])
    }

    @Test func `a conversation goes on from its last answer`() throws {
        let run = try BatchRun()
        let first = Self.request(randomTokens(10, seed: 5), owner: "anna", new: 40)
        let id = try run.submit(first)
        run.drain()
        let answer = try #require(run.outcomes.generation(id)).tokens
        let next = try run.submit(
            Self.request(first.prompt.dropFirst(50) + answer + randomTokens(9, seed: 6), owner: "anna"))
        run.drain()
        // 60 of the prompt and 39 of the answer were computed: the last token was only written.
        #expect(try #require(run.outcomes.generation(next)).usage.cachedTokens == 96)
    }

    @Test func `the prompt's last token is always computed`() throws {
        let prompt = randomTokens(64)
        #expect(
            try Self.cachedTokens(
                Self.request([], prefix: prompt, shared: 64), Self.request([], prefix: prompt, shared: 64)) == [0, 48])
    }

    @Test func `requests that come together compute their shared prefix once`() throws {
        let run = try BatchRun()
        let prefix = randomTokens(400, seed: 8)
        let ids = try (0..<8).map {
            try run.submit(Self.request([TokenID(10 + $0)], prefix: prefix, shared: 400, owner: "\($0)"))
        }
        run.drain()
        #expect(run.batch.statistics.prefillTokens == 401 + 7)
        #expect(
            try ids.map { try #require(run.outcomes.generation($0)).usage.cachedTokens } == [0]
                + Array(repeating: 400, count: 7))
    }

    @Test func `who follows goes on alone when the other one leaves`() throws {
        var settings = EngineSettings()
        settings.tokensPerStep = 64
        let run = try BatchRun(settings)
        let prefix = randomTokens(200, seed: 8)
        let first = try run.submit(Self.request([5], prefix: prefix, shared: 200))
        let second = try run.submit(Self.request([6], prefix: prefix, shared: 200))
        run.batch.step()
        run.batch.cancel(first)
        run.drain()
        #expect(try #require(run.outcomes.generation(second)).usage.cachedTokens == 64)
        let alone = try BatchRun(.plain)
        let id = try alone.submit(Self.request([6], prefix: prefix, shared: 200))
        alone.drain()
        #expect(run.outcomes.generation(second)?.tokens == alone.outcomes.generation(id)?.tokens)
    }

    @Test func `what was used the longest ago goes first, later pages before earlier ones`() throws {
        // Each request uses 3 pages and leaves 2; there is room for 6.
        let requests = (1...3).map {
            Self.request(randomTokens(40, seed: UInt64($0)), prefix: [], shared: 0, owner: "anna")
        }
        let settings = try EngineSettings().pages(6)
        let cached = try Self.cachedTokens(
            requests[0], requests[1], requests[0], requests[2], requests[0], requests[1], settings: settings)
        #expect(cached == [0, 0, 32, 0, 32, 16])
    }

    @Test func `nothing is kept when prefixes are not to be reused`() throws {
        var settings = EngineSettings()
        settings.reusesPrefixes = false
        let run = try BatchRun(settings)
        for _ in 0..<2 { try run.submit(Self.request([5], owner: "anna")) }
        run.drain()
        #expect(run.batch.statistics.usedPages == 0)
        #expect(run.batch.statistics.cachedTokens == 0)
    }
}
