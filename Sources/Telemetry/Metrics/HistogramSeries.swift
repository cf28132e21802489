import CoreMetrics
import EventLoops

/// Counts values by upper bound: a timer, in seconds, or a recorder that aggregates.
///
/// A lock of its own keeps a scrape consistent: the count is always that of the infinite bucket.
final class HistogramSeries: MetricSeries, TimerHandler, RecorderHandler {
    static let kind = MetricFamily.Kind.histogram

    private struct State {
        /// One a bound, and one for what is above them all.
        ///
        /// Not cumulative.
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Locked<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        self.state = Locked(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) {
        // A wall clock that was set back must not make the sum fall, which reads as a restart.
        self.record(Double(max(0, duration)) / 1e9)
    }

    func record(_ value: Int64) {
        self.record(Double(value))
    }

    /// Ignores infinity and NaN, which would spoil the sum for good.
    func record(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = self.bounds.firstIndex { value <= $0 } ?? self.bounds.count
        self.state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func samples(labels: MetricLabels) -> [MetricFamily.Sample] {
        let (counts, sum) = self.state.withLock { ($0.counts, $0.sum) }
        var samples: [MetricFamily.Sample] = []
        samples.reserveCapacity(counts.count + 2)
        var total: UInt64 = 0
        for (bound, count) in zip(self.bounds + [.infinity], counts) {
            total += count
            samples.append(
                MetricFamily.Sample(suffix: "_bucket", labels: labels.with(upperBound: bound), value: Double(total)))
        }
        samples.append(MetricFamily.Sample(suffix: "_sum", labels: labels, value: sum))
        samples.append(MetricFamily.Sample(suffix: "_count", labels: labels, value: Double(total)))
        return samples
    }
}
