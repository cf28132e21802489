/// Measures something when it is asked to, at each scrape, instead of on every change.
public protocol MetricCollector: Sendable {
    /// The families as they stand now. Names must be in Prometheus form, and the same at each call.
    func collect() -> [MetricFamily]
}
