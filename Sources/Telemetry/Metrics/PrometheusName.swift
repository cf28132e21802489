/// Maps OpenTelemetry names to those Prometheus allows.
///
/// After OpenTelemetry's [compatibility rules](https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/):
/// what is not allowed becomes `_`, several of them one, and the unit and `_total` are appended unless already there.
enum PrometheusName {
    /// `messaging.process.duration` with the suffix `_seconds` becomes `messaging_process_duration_seconds`.
    static func metric(_ name: String, suffix: String = "") -> String {
        let name = Self.sanitize(name, allowsColon: true)
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// `messaging.destination.name` becomes `messaging_destination_name`.
    static func label(_ name: String) -> String {
        let name = Self.sanitize(name, allowsColon: false)
        // A histogram's buckets own this one.
        return name == "le" ? "exported_le" : name
    }

    private static func sanitize(_ name: String, allowsColon: Bool) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9":
                if result.isEmpty, ("0"..."9").contains(scalar) { result = "_" }
                result.unicodeScalars.append(scalar)
            case ":" where allowsColon:
                result += ":"
            default:
                if !result.hasSuffix("_") { result += "_" }
            }
        }
        return result.isEmpty ? "_" : result
    }
}
