public import CoreMetrics
import EventLoops

/// Keeps what `swift-metrics` records, and renders it for a Prometheus scrape.
///
/// Names are OpenTelemetry's and are mapped: the timer `messaging.process.duration` becomes the histogram
/// `messaging_process_duration_seconds`, the counter `messaging.client.sent.messages` becomes
/// `messaging_client_sent_messages_total`. Making a metric takes the registry's lock; recording into it never does.
///
/// A name keeps the kind it was first made with. A metric made later with the same name and another kind works but is not
/// rendered, and `teller_metrics_conflicting_total` counts it. Beyond the series limit, a name's further label sets
/// share one series, labelled `otel_metric_overflow="true"`, and `teller_metrics_overflowed_total` counts them.
public final class PrometheusRegistry: MetricsFactory {
    private struct Family {
        let kind: MetricFamily.Kind
        let help: String
        var series: [MetricLabels: any MetricSeries] = [:]
        var overflowed = 0
        var conflicting = 0
    }

    private let collectors: [any MetricCollector]
    private let conventions: [String: MetricConvention]
    private let seriesLimit: Int
    private let families = Locked<[String: Family]>([:])

    /// Makes an empty registry.
    ///
    /// - Parameters:
    ///   - collectors: What is measured at each scrape; by default this process and its log.
    ///   - conventions: Descriptions and bucket bounds by OpenTelemetry name.
    ///   - seriesLimit: How many label sets a name may have.
    public init(
        collectors: [any MetricCollector] = [ProcessMetrics(), LogWriter.standardError],
        conventions: [String: MetricConvention] = MetricConvention.openTelemetry,
        seriesLimit: Int = 1_000
    ) {
        self.collectors = collectors
        self.conventions = conventions
        self.seriesLimit = seriesLimit
    }

    /// All that is known now, in the text format, sorted by name and labels.
    public func render() -> String {
        let families = self.families.withLock { $0 }
        return PrometheusText.render(
            families.map(Self.snapshot) + Self.incidents(in: families) + self.collectors.flatMap { $0.collect() })
    }

    // MARK: - MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        self.series(label, suffix: "_total", dimensions) { CounterSeries() }
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        self.series(label, suffix: "_total", dimensions) { CounterSeries() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        self.series(label, dimensions) { GaugeSeries() }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return self.series(label, dimensions) { GaugeSeries() } }
        let bounds = self.conventions[label]?.bounds ?? MetricConvention.sizeBounds
        return self.series(label, dimensions) { HistogramSeries(bounds: bounds) }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let bounds = self.conventions[label]?.bounds ?? MetricConvention.durationBounds
        return self.series(label, suffix: "_seconds", dimensions) { HistogramSeries(bounds: bounds) }
    }

    // A destroyed metric stays: metrics made with the same name and labels share it, and a counter that vanished would
    // read as a restart. The series limit bounds what may pile up.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    // MARK: - Series

    private func series<Series: MetricSeries>(
        _ label: String, suffix: String = "", _ dimensions: [(String, String)], make: () -> Series
    ) -> Series {
        let name = PrometheusName.metric(label, suffix: suffix)
        let labels = MetricLabels(dimensions)
        let help = self.conventions[label]?.description ?? label
        return self.families.withLock { families in
            var family = families[name] ?? Family(kind: Series.kind, help: help)
            defer { families[name] = family }
            guard family.kind == Series.kind else {
                family.conflicting += 1
                return make()
            }
            var key = labels
            if family.series[key] == nil, family.series.count >= self.seriesLimit {
                family.overflowed += 1
                key = .overflow
            }
            if let existing = family.series[key] as? Series { return existing }
            let series = make()
            family.series[key] = series
            return series
        }
    }

    private static func snapshot(name: String, family: Family) -> MetricFamily {
        MetricFamily(
            name: name, kind: family.kind, help: family.help,
            samples: family.series.sorted { $0.key < $1.key }.flatMap { $0.value.samples(labels: $0.key) })
    }

    private static func incidents(in families: [String: Family]) -> [MetricFamily] {
        func family(_ name: String, _ help: String, _ count: KeyPath<Family, Int>) -> MetricFamily? {
            let samples = families.filter { $0.value[keyPath: count] > 0 }.sorted { $0.key < $1.key }.map {
                MetricFamily.Sample(
                    labels: MetricLabels([("metric", $0.key)]), value: Double($0.value[keyPath: count]))
            }
            return samples.isEmpty ? nil : MetricFamily(name: name, kind: .counter, help: help, samples: samples)
        }
        return [
            family(
                "teller_metrics_conflicting_total", "Metrics not shown, because their name has another kind.",
                \.conflicting),
            family(
                "teller_metrics_overflowed_total", "Metrics whose labels were dropped beyond the series limit.",
                \.overflowed),
        ].compactMap { $0 }
    }
}
