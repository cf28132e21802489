/// The series that share one metric name, as they stood at one moment.
public struct MetricFamily: Sendable {
    /// What the values mean, spelled as the Prometheus text format spells it.
    public enum Kind: String, Sendable {
        /// Only grows, until the process restarts.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts values by upper bound.
        case histogram
    }

    /// One line of the text format: the family's name with a suffix, labels and a value.
    public struct Sample: Sendable {
        /// `_bucket`, `_sum` or `_count` in a histogram, empty elsewhere.
        public let suffix: String
        public let labels: MetricLabels
        public let value: Double

        public init(suffix: String = "", labels: MetricLabels = .none, value: Double) {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }
    }

    /// The Prometheus name, with its unit and, for a counter, `_total`.
    public let name: String
    public let kind: Kind
    /// What the metric measures, in one sentence.
    public let help: String
    public let samples: [Sample]

    public init(name: String, kind: Kind, help: String, samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }

    /// A family of one series without labels.
    public init(name: String, kind: Kind, help: String, value: Double) {
        self.init(name: name, kind: kind, help: help, samples: [Sample(value: value)])
    }
}
