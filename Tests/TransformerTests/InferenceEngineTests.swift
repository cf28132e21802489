import Glibc
import Testing

@testable import Transformer

@Suite struct InferenceEngineTests {
    /// Allows everything, and takes 5 ms a token, so that there is time to withdraw the request.
    /// A tenth of a second a token, so that a request of hundreds never ends before it is withdrawn on a busy machine.
    private struct Slowness: TextConstraint {
        func accepts(_ bytes: [UInt8]) -> Bool { true }
        mutating func append(_ bytes: [UInt8]) { usleep(100_000) }
        var mayEnd: Bool { true }
    }

    private static let slowRequest = GenerationRequest(
        prompt: [5], maximumNewTokens: 500, stopTokens: [], constraint: Slowness())

    private static func engine(
        threads: Int = 1, portable: Bool = false, settings: EngineSettings = EngineSettings()
    ) throws -> InferenceEngine {
        InferenceEngine(
            model: try TinyCheckpoint.shared.get(), kernels: Kernels(threads: threads, portable: portable),
            settings: settings)
    }

    @Test func `tokens computed one by one give the logits of all at once`() async throws {
        let engine = try Self.engine()
        let tokens = randomTokens(150)
        let whole = try await engine.logits(tokens, all: true)
        #expect(whole.count == 150)
        for length in [1, 2, 63, 64, 65, 127, 129, 150] {
            #expect(try await engine.logits(Array(tokens.prefix(length))) == [whole[length - 1]])
        }
    }

    @Test func `the number of threads changes nothing`() async throws {
        let tokens = randomTokens(120)
        let one = try await Self.engine(threads: 1).logits(tokens, all: true)
        let three = try await Self.engine(threads: 3).logits(tokens, all: true)
        #expect(one == three)
    }

    @Test func `the portable kernels agree with the vector ones`() async throws {
        let tokens = randomTokens(120)
        let vector = try await Self.engine().logits(tokens, all: true)
        let portable = try await Self.engine(portable: true).logits(tokens, all: true)
        for (left, right) in zip(vector, portable) { #expect(largestDifference(left, right) < 1e-4) }
    }

    @Test(.timeLimit(.minutes(1)))
    func `requests at the same time are answered as if alone`() async throws {
        let engine = try Self.engine()
        let requests = (0..<6).map { index in
            GenerationRequest(
                prompt: randomTokens(10 + 37 * index, seed: UInt64(index)), maximumNewTokens: 30,
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
        let prompt = randomTokens(12)
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
            GenerationRequest(prompt: randomTokens(500), maximumNewTokens: 13),
            GenerationRequest(prompt: [5], maximumNewTokens: .max),
        ]
        for request in requests {
            let error = await #expect(throws: TransformerError.self) { try await engine.generate(request) }
            #expect(error?.code == .contextExceeded)
            #expect(error?.message.contains("512") == true)
        }
        #expect(
            try await engine.generate(GenerationRequest(prompt: randomTokens(511), maximumNewTokens: 1)).usage
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
            GenerationRequest(prompt: randomTokens(100), maximumNewTokens: 400, deadline: .now))
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

    @Test(.timeLimit(.minutes(1)))
    func `a cancelled request leaves the others to go on`() async throws {
        let engine = try Self.engine()
        let long = Task { try await engine.generate(Self.slowRequest) }
        while await engine.statistics.writtenTokens < 3 { await Task.yield() }
        long.cancel()
        await #expect(throws: CancellationError.self) { try await long.value }
        let statistics = await engine.statistics
        #expect(statistics.cancelled == 1)
        #expect(statistics.usedPages == 0)
        #expect(try await engine.generate(GenerationRequest(prompt: [5], maximumNewTokens: 3)).tokens.count == 3)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a stream hands out the text of the generation it ends with`() async throws {
        let engine = try Self.engine()
        let request = GenerationRequest(prompt: randomTokens(30), maximumNewTokens: 40, ignoreEndOfSequence: true)
        let whole = try await engine.generate(request)
        var text = ""
        var pieces = 0
        var generations: [Generation] = []
        for try await chunk in engine.stream(request) {
            switch chunk {
            case .text(let piece):
                #expect(generations.isEmpty && !piece.isEmpty)
                text += piece
                pieces += 1
            case .generation(let generation): generations.append(generation)
            }
        }
        #expect(text == whole.text)
        #expect(pieces > 1)
        #expect(generations == [whole])
    }

    @Test(.timeLimit(.minutes(1)))
    func `a stream that is dropped withdraws its request`() async throws {
        let engine = try Self.engine()
        for try await _ in engine.stream(Self.slowRequest) { break }
        while await engine.statistics.running > 0 { await Task.yield() }
        #expect(await engine.statistics.cancelled == 1)
    }

    @Test func `a stream of a request that makes no sense throws`() async throws {
        let stream = try Self.engine().stream(GenerationRequest(prompt: [], maximumNewTokens: 1))
        await #expect(throws: TransformerError.self) { for try await _ in stream {} }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an engine that nobody else refers to answers all the same`() async throws {
        let stream = try Self.engine().stream(
            GenerationRequest(prompt: [5], maximumNewTokens: 50, ignoreEndOfSequence: true))
        var last: GenerationChunk?
        for try await chunk in stream { last = chunk }
        guard case .generation(let generation) = last else {
            Issue.record("the stream ended without its generation")
            return
        }
        #expect(generation.tokens.count == 50)
    }

    @Test(.timeLimit(.minutes(1)))
    func `an engine that is shut down ends its requests and takes no more`() async throws {
        let engine = try Self.engine()
        let running = (0..<3).map { _ in Task { try await engine.generate(Self.slowRequest) } }
        while await engine.statistics.running < 3 { await Task.yield() }
        await engine.shutdown()
        for task in running { await #expect(throws: CancellationError.self) { try await task.value } }
        await #expect(throws: CancellationError.self) { try await engine.generate(Self.slowRequest) }
        #expect(await engine.statistics.usedPages == 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `logits share the memory with generations`() async throws {
        let engine = try Self.engine(settings: EngineSettings().pages(32))
        async let first = engine.logits(randomTokens(500))
        async let second = engine.logits(randomTokens(500), all: true)
        async let third = engine.generate(GenerationRequest(prompt: randomTokens(400), maximumNewTokens: 100))
        #expect(try await first == [try await second[499]])
        #expect(try await third.usage.promptTokens == 400)
        #expect(await engine.statistics.usedPages == 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `after 1000 requests no page is missing`() async throws {
        let engine = try Self.engine(threads: 2, settings: EngineSettings().pages(100))
        await withTaskGroup(of: Void.self) { group in
            for seed in 0..<1000 {
                group.addTask {
                    let task = Task {
                        try await engine.generate(
                            GenerationRequest(
                                prompt: randomTokens(1 + seed % 50, seed: UInt64(seed % 7)),
                                maximumNewTokens: seed % 20,
                                cacheOwner: seed % 3 == 0 ? nil : "\(seed % 5)"))
                    }
                    if seed % 10 == 0 { task.cancel() }
                    _ = await task.result
                }
            }
        }
        let statistics = await engine.statistics
        #expect(statistics.finished + statistics.cancelled == 1000)
        #expect(statistics.running == 0 && statistics.waiting == 0)
        #expect(statistics.usedPages == statistics.idlePages)
        #expect(statistics.usedPages > 0 && statistics.usedPages <= 100)
    }
}
