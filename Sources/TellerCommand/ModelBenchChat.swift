import Foundation
import TellerMessages
import Transformer

/// Chat requests as a worker's: a prompt that all share, facts of each customer's own, and an answer that copies them.
///
/// A model that counts on from the last token, as the one that the benchmarks' `make_checkpoint.py` writes, copies two runs of
/// 15 tokens of its 60 from the prompt; another one copies what it will.
struct ModelBenchChat: Sendable {
    static let (requestCount, prefixLength, newTokens) = (64, 400, 60)
    /// Lengths of what a request has of its own: noise, the answer's tokens 6…20, noise, its tokens 36…50, noise, and the token
    /// from which the answer counts on.
    private static let (noise, fact, lastNoise) = (30, 15, 59)
    private static let factOffsets = [6, 36]

    let requests: [GenerationRequest]

    init(model: LanguageModel) {
        let size = model.configuration.vocabularySize
        var tokens = TokenSource(vocabularySize: size)
        let prefix = tokens.next(Self.prefixLength)
        self.requests = (0..<Self.requestCount).map { index in
            let start = tokens.next(below: size - 100)
            var prompt = prefix
            for offset in Self.factOffsets {
                prompt += tokens.next(Self.noise)
                prompt += (0..<Self.fact).map { TokenID(start + offset + $0) }
            }
            prompt += tokens.next(Self.lastNoise)
            prompt.append(TokenID(start))
            return GenerationRequest(
                prompt: prompt, maximumNewTokens: Self.newTokens, ignoreEndOfSequence: true, sharedPrefix: Self.prefixLength,
                cacheOwner: "customer \(index)")
        }
    }

    /// Answers all requests, which come at once.
    func run(on engine: InferenceEngine, threads: Int) async throws -> ModelBenchChatReport.Row {
        let start = ContinuousClock.now
        let answers = try await withThrowingTaskGroup(of: (Int, Generation).self) { group in
            for (index, request) in self.requests.enumerated() {
                group.addTask { (index, try await engine.generate(request)) }
            }
            var answers: [Int: Generation] = [:]
            for try await (index, generation) in group { answers[index] = generation }
            return answers
        }
        let time = ContinuousClock.now - start
        let statistics = await engine.statistics
        return ModelBenchChatReport.Row(
            threads: threads, time: time, requests: self.requests.count,
            newTokens: answers.values.reduce(0) { $0 + $1.usage.completionTokens },
            cachedTokens: answers.values.reduce(0) { $0 + $1.usage.cachedTokens }, statistics: statistics,
            answers: self.requests.indices.map { answers[$0]?.tokens ?? [] })
    }
}

/// What `teller model bench --workload chat` prints.
struct ModelBenchChatReport: Sendable {
    struct Row: Sendable {
        let threads: Int
        let time: Duration
        let requests: Int
        let newTokens: Int
        /// Prompt tokens that were not computed again.
        let cachedTokens: Int
        /// The engine's, its warming up included.
        let statistics: EngineStatistics
        let answers: [[TokenID]]

        var requestsPerSecond: Double { Double(self.requests) / (self.time / .seconds(1)) }
        var tokensPerSecond: Double { Double(self.newTokens) / (self.time / .seconds(1)) }
    }

    let model: ModelBenchReport.Model
    let loadTime: Duration
    let peakMemory: Int
    let rows: [Row]

    var json: JSONValue {
        var object = self.model.json
        object["rows"] = .array(
            self.rows.map { row in
                [
                    "threads": .integer(row.threads), "requests": .integer(row.requests),
                    "requests_per_second": .decimals(row.requestsPerSecond, 3),
                    "decode_tokens_per_second": .decimals(row.tokensPerSecond, 2),
                    "cached_tokens": .integer(row.cachedTokens), "steps": .integer(row.statistics.steps),
                    "drafted_tokens": .integer(row.statistics.draftedTokens),
                    "accepted_drafts": .integer(row.statistics.acceptedDrafts), "load_seconds": .decimals(self.loadTime / .seconds(1), 3),
                    "peak_resident_bytes": .integer(self.peakMemory),
                    "answers": .array(row.answers.map { .array($0.map { .integer($0) }) }),
                ]
            })
        return .object(object)
    }

    var table: String {
        let lines = self.rows.map { row in
            "\(row.threads) threads: \(ModelBenchReport.text(row.requestsPerSecond, 2)) requests/s, "
                + "\(ModelBenchReport.text(row.tokensPerSecond, 0)) new tokens/s, \(row.statistics.steps) steps, "
                + "\(row.cachedTokens) prompt tokens not computed again, "
                + "\(row.statistics.acceptedDrafts) of \(row.statistics.draftedTokens) guessed tokens right"
        }
        return ([self.model.title] + lines).joined(separator: "\n")
    }
}
