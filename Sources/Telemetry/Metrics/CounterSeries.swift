import CoreMetrics
import Synchronization

/// A value that only grows.
///
/// Exact for whole numbers up to 2⁵³.
final class CounterSeries: MetricSeries, CounterHandler, FloatingPointCounterHandler {
    static let kind = MetricFamily.Kind.counter

    private let value = Atomic<Double>(0)

    func increment(by amount: Int64) {
        self.increment(by: Double(amount))
    }

    /// Ignores what would make the counter fall or stick: negative amounts, infinity and NaN.
    func increment(by amount: Double) {
        guard amount.isFinite, amount > 0 else { return }
        self.value.add(amount)
    }

    func reset() {
        self.value.store(0, ordering: .relaxed)
    }

    func samples(labels: MetricLabels) -> [MetricFamily.Sample] {
        [MetricFamily.Sample(labels: labels, value: self.value.load(ordering: .relaxed))]
    }
}
