import CoreMetrics
import Synchronization

/// The last value set: a meter, or a recorder that does not aggregate.
final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    static let kind = MetricFamily.Kind.gauge

    private let value = Atomic<Double>(0)

    func set(_ value: Int64) {
        self.set(Double(value))
    }

    func set(_ value: Double) {
        self.value.store(value, ordering: .relaxed)
    }

    func increment(by amount: Double) {
        self.value.add(amount)
    }

    func decrement(by amount: Double) {
        self.value.add(-amount)
    }

    func record(_ value: Int64) {
        self.set(value)
    }

    func record(_ value: Double) {
        self.set(value)
    }

    func samples(labels: MetricLabels) -> [MetricFamily.Sample] {
        [MetricFamily.Sample(labels: labels, value: self.value.load(ordering: .relaxed))]
    }
}
