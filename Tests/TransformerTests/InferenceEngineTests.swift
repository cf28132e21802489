import Testing

@testable import Transformer

@Suite struct InferenceEngineTests {
    private static func engine(threads: Int = 1, portable: Bool = false) throws -> InferenceEngine {
        InferenceEngine(
            model: try TinyCheckpoint.shared.get(), kernels: Kernels(threads: threads, portable: portable))
    }

    /// Tokens that stand for themselves, drawn from a seed.
    private static func tokens(_ count: Int, seed: UInt64 = 1) -> [TokenID] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in TokenID.random(in: 2..<288, using: &generator) }
    }

    @Test func `tokens computed one by one give the logits of all at once`() async throws {
        let engine = try Self.engine()
        let tokens = Self.tokens(150)
        let whole = try await engine.logits(tokens, all: true)
        #expect(whole.count == 150)
        for length in [1, 2, 63, 64, 65, 127, 129, 150] {
            #expect(try await engine.logits(Array(tokens.prefix(length))) == [whole[length - 1]])
        }
    }

    @Test func `the number of threads changes nothing`() async throws {
        let tokens = Self.tokens(120)
        let one = try await Self.engine(threads: 1).logits(tokens, all: true)
        let three = try await Self.engine(threads: 3).logits(tokens, all: true)
        #expect(one == three)
    }

    @Test func `the portable kernels agree with the vector ones`() async throws {
        let tokens = Self.tokens(120)
        let vector = try await Self.engine().logits(tokens, all: true)
        let portable = try await Self.engine(portable: true).logits(tokens, all: true)
        for (left, right) in zip(vector, portable) { #expect(largestDifference(left, right) < 1e-4) }
    }

    @Test(.timeLimit(.minutes(1)))
    func `requests at the same time are answered as if alone`() async throws {
        let engine = try Self.engine()
        let requests = (0..<6).map { index in
            GenerationRequest(
                prompt: Self.tokens(10 + 37 * index, seed: UInt64(index)), maximumNewTokens: 30,
                sampling: index % 2 == 0 ? .greedy : .random(temperature: 1, seed: UInt64(index)),
                ignoreEndOfSequence: true)
        }
        var alone: [Generation] = []
        for request in requests { alone.append(try await engine.generate(request)) }
        let together = try await withThrowingTaskGroup(of: (Int, Generation).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, try await engine.generate(request)) }
            }
            var results: [Int: Generation] = [:]
            for try await (index, generation) in group { results[index] = generation }
            return requests.indices.compactMap { results[$0] }
        }
        #expect(together == alone)
        #expect(Set(alone.map(\.tokens)).count == 6)
    }

    @Test func `a stop token ends the text and is not part of it`() async throws {
        let engine = try Self.engine()
        let prompt = Self.tokens(12)
        let free = try await engine.generate(
            GenerationRequest(prompt: prompt, maximumNewTokens: 20, ignoreEndOfSequence: true))
        try #require(free.tokens.count == 20)
        let stop = free.tokens[7]
        let end = try #require(free.tokens.firstIndex(of: stop))
        let stopped = try await engine.generate(
            GenerationRequest(prompt: prompt, maximumNewTokens: 20, stopTokens: [stop]))
        #expect(stopped.tokens == Array(free.tokens[..<end]))
        #expect(stopped.finish == .stop)
        #expect(stopped.usage.completionTokens == end + 1)
        #expect(stopped.text == engine.model.tokenizer.decode(stopped.tokens))
    }

    @Test func `what does not fit the context is refused before any work`() async throws {
        let engine = try Self.engine()
        let requests = [
            GenerationRequest(prompt: Self.tokens(500), maximumNewTokens: 13),
            GenerationRequest(prompt: [5], maximumNewTokens: .max),
        ]
        for request in requests {
            let error = await #expect(throws: TransformerError.self) { try await engine.generate(request) }
            #expect(error?.code == .contextExceeded)
            #expect(error?.message.contains("512") == true)
        }
        #expect(
            try await engine.generate(GenerationRequest(prompt: Self.tokens(511), maximumNewTokens: 1)).usage
                .promptTokens == 511)
    }

    @Test(arguments: [
        GenerationRequest(prompt: [], maximumNewTokens: 1), GenerationRequest(prompt: [288], maximumNewTokens: 1),
        GenerationRequest(prompt: [-1], maximumNewTokens: 1), GenerationRequest(prompt: [1], maximumNewTokens: -1),
        GenerationRequest(prompt: [1], maximumNewTokens: 1, sampling: .random(temperature: 0, seed: 1)),
        GenerationRequest(prompt: [1], maximumNewTokens: 1, sampling: .random(temperature: .nan, seed: 1)),
        GenerationRequest(prompt: [1], maximumNewTokens: 1, sampling: .random(temperature: 1, topK: 0, seed: 1)),
        GenerationRequest(prompt: [1], maximumNewTokens: 1, sampling: .random(temperature: 1, topP: 1.5, seed: 1)),
    ])
    func `a request that makes no sense is refused`(request: GenerationRequest) async throws {
        let engine = try Self.engine()
        let error = await #expect(throws: TransformerError.self) { try await engine.generate(request) }
        #expect(error?.code == .invalidRequest)
    }

    @Test func `no new token asked for is no new token`() async throws {
        let generation = try await Self.engine().generate(GenerationRequest(prompt: [5], maximumNewTokens: 0))
        #expect(generation.tokens.isEmpty)
        #expect(generation.finish == .length)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a deadline ends a generation with what there is`() async throws {
        let engine = try Self.engine(portable: true)
        let past = try await engine.generate(
            GenerationRequest(prompt: Self.tokens(100), maximumNewTokens: 400, deadline: .now))
        #expect(past.tokens.isEmpty)
        #expect(past.finish == .deadline)
        let short = try await engine.generate(
            GenerationRequest(
                prompt: [5], maximumNewTokens: 500, ignoreEndOfSequence: true, deadline: .now + .milliseconds(2)))
        #expect(short.finish == .deadline)
        #expect(short.tokens.count < 500)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a cancelled task stops generating`() async throws {
        let engine = try Self.engine(portable: true)
        let task = Task {
            try await engine.generate(
                GenerationRequest(prompt: [5], maximumNewTokens: 500, ignoreEndOfSequence: true))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
