/// The Prometheus [text format](https://prometheus.io/docs/instrumenting/exposition_formats/), version 0.0.4.
public enum PrometheusText {
    /// What an HTTP answer in this format declares.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Writes families by name, each name once: the first of two with the same name wins.
    static func render(_ families: [MetricFamily]) -> String {
        var text = ""
        var written: Set<String> = []
        // Stable, so that "first" means the caller's order.
        for family in families.sorted(by: { $0.name < $1.name }) where written.insert(family.name).inserted {
            text += "# HELP \(family.name) \(Self.escape(help: family.help))\n"
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in family.samples {
                text += family.name + sample.suffix
                if sample.labels != .none { text += "{\(sample.labels.text)}" }
                text += " \(Self.number(sample.value))\n"
            }
        }
        return text
    }

    /// The shortest text that reads back as the same number.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    private static func escape(help: String) -> String {
        help.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
            .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
    }
}
