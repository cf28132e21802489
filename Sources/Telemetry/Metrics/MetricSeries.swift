/// One name with one set of labels: what `swift-metrics` records into and a scrape reads.
protocol MetricSeries: AnyObject, Sendable {
    static var kind: MetricFamily.Kind { get }

    func samples(labels: MetricLabels) -> [MetricFamily.Sample]
}
