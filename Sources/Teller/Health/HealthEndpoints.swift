import Foundation
import Telemetry

/// What the health port says, apart from HTTP.
///
/// `/livez` is 503 when a restart would help, `/readyz` when no work should be sent here; `/metrics` is for Prometheus.
struct HealthEndpoints: Sendable {
    /// One answer: an HTTP status and a body.
    struct Answer: Sendable, Equatable {
        let status: Int
        let contentType: String
        let body: String
    }

    private struct Report: Encodable {
        let status: String
        let reasons: [String]
    }

    let readiness: Readiness
    let liveness: Liveness
    let registry: PrometheusRegistry

    func answer(to path: String) -> Answer {
        switch path {
        case "/livez":
            Self.report(self.liveness.overdue(), good: "live", bad: "not-live")
        case "/readyz":
            Self.report(self.readiness.health.reasons, good: "ready", bad: "not-ready")
        case "/metrics":
            Answer(status: 200, contentType: PrometheusText.contentType, body: self.registry.render())
        default:
            Answer(
                status: 404, contentType: "text/plain; charset=utf-8",
                body: "Not found: there are /livez, /readyz and /metrics.\n")
        }
    }

    private static func report(_ reasons: [String], good: String, bad: String) -> Answer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let report = Report(status: reasons.isEmpty ? good : bad, reasons: reasons)
        // Strings always encode; an empty body would still carry the status.
        let body = (try? encoder.encode(report)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return Answer(status: reasons.isEmpty ? 200 : 503, contentType: "application/json", body: body + "\n")
    }
}
