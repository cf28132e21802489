import Foundation
import Transformer

/// The measurements of `teller model bench`.
struct ModelBenchRun: Sendable {
    let model: LanguageModel
    let loadTime: Duration
    /// How often each is done at least; the fastest counts.
    let rounds: Int
    /// How long each is done at least: one round of a small model is shorter than what else happens on a machine.
    private static let leastTime = Duration.milliseconds(300)
    /// After this, a difference that does not show is taken to be lost in what else happens.
    private static let mostTime = Duration.seconds(5)

    // MARK: - Batches

    func report(prompt: Int, generate: Int, batches: [Int], threads: [Int]) async throws -> ModelBenchReport {
        var rows: [ModelBenchReport.Row] = []
        for threads in threads {
            let engine = InferenceEngine(model: self.model, threads: threads)
            try await self.warm(engine)
            for batch in batches {
                Self.say("\(threads) threads, \(batch) sequences of \(prompt) + \(generate) tokens")
                rows.append(try await self.row(engine, prompt: prompt, generate: generate, batch: batch, threads: threads))
            }
        }
        let limits = await self.limits(threads: threads)
        return ModelBenchReport(
            model: ModelBenchReport.Model(self.model), loadTime: self.loadTime, rows: rows, limits: limits)
    }

    /// Touches every weight, so that none is read from a file while the clock runs.
    private func warm(_ engine: InferenceEngine) async throws {
        var tokens = TokenSource(vocabularySize: self.model.configuration.vocabularySize)
        _ = try await engine.generate(Self.request(tokens.next(8), generate: 2))
    }

    private func row(
        _ engine: InferenceEngine, prompt: Int, generate: Int, batch: Int, threads: Int
    ) async throws -> ModelBenchReport.Row {
        var tokens = TokenSource(vocabularySize: self.model.configuration.vocabularySize)
        var (prefill, whole) = (Duration.seconds(Int64.max / 4), Duration.seconds(Int64.max / 4))
        let start = ContinuousClock.now
        var round = 0
        while round < self.rounds || start.duration(to: .now) < Self.leastTime || whole <= prefill {
            if round >= self.rounds, start.duration(to: .now) > Self.mostTime {
                Self.say("The machine is too busy: \(generate) tokens more took no longer. Run it alone, or with more to generate.")
                throw ExitStatus.temporary
            }
            round += 1
            let prompts = (0..<batch).map { _ in tokens.next(prompt) }
            prefill = min(prefill, try await Self.time(engine, prompts.map { Self.request($0, generate: 1) }))
            whole = min(whole, try await Self.time(engine, prompts.map { Self.request($0, generate: generate + 1) }))
        }
        return ModelBenchReport.Row(
            threads: threads, batch: batch, prompt: prompt, generate: generate, prefill: prefill, decode: whole - prefill,
            peakMemory: Self.peakMemory)
    }

    private static func request(_ prompt: [TokenID], generate: Int) -> GenerationRequest {
        GenerationRequest(prompt: prompt, maximumNewTokens: generate, ignoreEndOfSequence: true, speculation: false)
    }

    /// How long the engine takes for requests that come at once.
    private static func time(_ engine: InferenceEngine, _ requests: [GenerationRequest]) async throws -> Duration {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for request in requests { group.addTask { _ = try await engine.generate(request) } }
            try await group.waitForAll()
        }
        return .now - start
    }

    // MARK: - Chat

    func chat(_ workload: ModelBenchChat, threads: [Int]) async throws -> ModelBenchChatReport {
        var rows: [ModelBenchChatReport.Row] = []
        for threads in threads {
            var best: ModelBenchChatReport.Row?
            for round in 1...self.rounds {
                Self.say("\(threads) threads, chat, round \(round)")
                // A new one each time: what it keeps of earlier requests must not help.
                let engine = InferenceEngine(model: self.model, threads: threads)
                try await self.warm(engine)
                let row = try await workload.run(on: engine, threads: threads)
                if best.map({ row.time < $0.time }) ?? true { best = row }
            }
            if let best { rows.append(best) }
        }
        return ModelBenchChatReport(
            model: ModelBenchReport.Model(self.model), loadTime: self.loadTime, peakMemory: Self.peakMemory, rows: rows)
    }

    // MARK: - The machine

    /// By threads, measured after the rows: the memory that it takes is not the model's.
    private func limits(threads: [Int]) async -> [Int: ProcessorLimits] {
        let format = self.model.weights
        return await withTaskGroup(of: [Int: ProcessorLimits].self) { group in
            group.addTask {
                var limits: [Int: ProcessorLimits] = [:]
                for threads in Set(threads) { limits[threads] = ProcessorLimits(threads: threads, format: format) }
                return limits
            }
            return await group.next() ?? [:]
        }
    }

    /// The most bytes that the process had in memory so far, mapped files included.
    static var peakMemory: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 * 1024 } ?? 0
    }

    static func say(_ text: String) { try? FileDescriptorText.standardError("\(text)\n") }
}

/// Tokens that depend on nothing but the vocabulary's size: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) from 1 on.
struct TokenSource {
    private var state: UInt64 = 1
    private let vocabularySize: Int

    init(vocabularySize: Int) { self.vocabularySize = vocabularySize }

    /// A number from 0 to `bound` - 1.
    mutating func next(below bound: Int) -> Int {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }

    mutating func next(_ count: Int) -> [TokenID] {
        (0..<count).map { _ in TokenID(self.next(below: self.vocabularySize)) }
    }
}
