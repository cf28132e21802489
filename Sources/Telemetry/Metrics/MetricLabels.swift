/// A set of labels in the form in which the text format writes it, so that it is escaped once and not at each scrape.
public struct MetricLabels: Sendable, Hashable, Comparable {
    /// No labels.
    public static let none = MetricLabels([])

    /// What stands for every label set beyond the limit, as OpenTelemetry's metrics SDK names it.
    static let overflow = MetricLabels([("otel.metric.overflow", "true")])

    /// `name="value",name="value"`, sorted by name.
    let text: String

    /// Takes OpenTelemetry attributes in any order.
    ///
    /// When two names become the same Prometheus name, their values are joined with `;`, as OpenTelemetry's
    /// compatibility rules say, since a repeated label makes a scrape invalid.
    public init(_ attributes: [(String, String)]) {
        var values: [String: String] = [:]
        for (name, value) in attributes {
            let name = PrometheusName.label(name)
            values[name] = values[name].map { "\($0);\(value)" } ?? value
        }
        self.text = values.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(Self.escape($0.value))\"" }
            .joined(separator: ",")
    }

    private init(text: String) {
        self.text = text
    }

    /// The same labels with a histogram bucket's upper bound.
    func with(upperBound: Double) -> MetricLabels {
        let bound = "le=\"\(PrometheusText.number(upperBound))\""
        return MetricLabels(text: self.text.isEmpty ? bound : "\(self.text),\(bound)")
    }

    public static func < (lhs: MetricLabels, rhs: MetricLabels) -> Bool {
        lhs.text < rhs.text
    }

    /// Backslash, quote and line feed are all that the format escapes in a label's value.
    private static func escape(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
