internal import Metrics

/// What an engine measures, under the names of OpenTelemetry's conventions for generative models where it has one.
///
/// Counts are published as differences of ``EngineStatistics``, once a step.
struct EngineInstruments {
    /// From a request's arrival to its first token, the time it waited included.
    private let timeToFirstToken = Timer(label: "gen_ai.server.time_to_first_token")
    private let requestDuration = Timer(label: "gen_ai.server.request.duration")
    private let inputTokens = Recorder(
        label: "gen_ai.client.token.usage", dimensions: [("gen_ai.token.type", "input")], aggregate: true)
    private let outputTokens = Recorder(
        label: "gen_ai.client.token.usage", dimensions: [("gen_ai.token.type", "output")], aggregate: true)

    private let counters: [(count: KeyPath<EngineStatistics, Int>, counter: Counter)] = [
        (\.steps, Counter(label: "teller_engine_steps")),
        (\.prefillTokens, Self.tokens("prefilled")),
        (\.cachedTokens, Self.tokens("cached")),
        (\.writtenTokens, Self.tokens("written")),
        (\.draftedTokens, Self.tokens("drafted")),
        (\.acceptedDrafts, Self.tokens("draft_accepted")),
        (\.finished, Self.requests("finished")),
        (\.refused, Self.requests("refused")),
        (\.cancelled, Self.requests("cancelled")),
        (\.failed, Self.requests("failed")),
        (\.evictedPages, Counter(label: "teller_engine_pages_evicted")),
    ]
    private let gauges: [(value: KeyPath<EngineStatistics, Int>, gauge: Gauge)] = [
        (\.running, Self.sequences("running")),
        (\.waiting, Self.sequences("waiting")),
        (\.pageLimit, Self.pages("limit")),
        (\.usedPages, Self.pages("used")),
        (\.idlePages, Self.pages("idle")),
    ]
    private var published = EngineStatistics()

    func firstToken(after duration: Duration) { self.timeToFirstToken.record(duration: duration) }

    func finished(_ usage: TokenUsage, after duration: Duration) {
        self.requestDuration.record(duration: duration)
        self.inputTokens.record(usage.promptTokens)
        self.outputTokens.record(usage.completionTokens)
    }

    mutating func publish(_ statistics: EngineStatistics) {
        for (count, counter) in self.counters where statistics[keyPath: count] > self.published[keyPath: count] {
            counter.increment(by: statistics[keyPath: count] - self.published[keyPath: count])
        }
        for (value, gauge) in self.gauges { gauge.record(statistics[keyPath: value]) }
        self.published = statistics
    }

    private static func tokens(_ kind: String) -> Counter {
        Counter(label: "teller_engine_tokens", dimensions: [("kind", kind)])
    }

    private static func requests(_ outcome: String) -> Counter {
        Counter(label: "teller_engine_requests", dimensions: [("outcome", outcome)])
    }

    private static func sequences(_ state: String) -> Gauge {
        Gauge(label: "teller_engine_sequences", dimensions: [("state", state)])
    }

    private static func pages(_ kind: String) -> Gauge {
        Gauge(label: "teller_engine_pages", dimensions: [("kind", kind)])
    }
}
