/// What a naming convention says of one metric: its meaning, and a histogram's bucket bounds.
public struct MetricConvention: Sendable {
    /// What the metric measures, in one sentence.
    public let description: String
    /// Upper bounds, ascending and without infinity; nil takes the default of the metric's kind.
    public let bounds: [Double]?

    public init(_ description: String, bounds: [Double]? = nil) {
        self.description = description
        self.bounds = bounds
    }

    /// Seconds, for timers: OpenTelemetry's advice for messaging, extended to the time a long answer takes on a CPU.
    public static let durationBounds = [
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
    ]

    /// Powers of four, for recorders.
    ///
    /// OpenTelemetry's advice for token counts. They suit bytes too.
    public static let sizeBounds: [Double] = [
        1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
    ]

    /// OpenTelemetry's semantic conventions, by metric name.
    public static let openTelemetry: [String: MetricConvention] = [
        "db.client.operation.duration": MetricConvention(
            "Duration of database client operations.",
            bounds: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]),
        "gen_ai.client.operation.duration": MetricConvention(
            "Duration of a generative AI operation.",
            bounds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]),
        "gen_ai.client.token.usage": MetricConvention("Number of input and output tokens used."),
        "gen_ai.server.request.duration": MetricConvention(
            "Duration of a generative AI request on the model server.",
            bounds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]),
        "gen_ai.server.time_per_output_token": MetricConvention(
            "Time per output token after the first.",
            bounds: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]),
        "gen_ai.server.time_to_first_token": MetricConvention(
            "Time to generate the first token.",
            bounds: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]),
        "messaging.client.consumed.messages": MetricConvention("Number of messages delivered to the application."),
        "messaging.client.operation.duration": MetricConvention(
            "Duration of a messaging operation that a client started."),
        "messaging.client.sent.messages": MetricConvention("Number of messages a producer tried to send."),
        "messaging.process.duration": MetricConvention("Duration of processing a message."),
    ]
}
