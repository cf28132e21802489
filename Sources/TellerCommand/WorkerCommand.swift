import ArgumentParser
import CoreMetrics
import Logging
import Telemetry
import Teller

/// `teller worker`
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Run a worker until it is told to stop.",
        discussion: """
            Checks its settings and the servers, then answers requests. SIGTERM or SIGINT drains: no more requests are taken, those \
            begun are finished within TELLER_DRAIN_SECONDS, the rest go back to the queue, and the process leaves with 0. Start as \
            many workers as the load needs. Logs are JSON lines on standard error; /livez, /readyz and /metrics are on \
            TELLER_HTTP_PORT.
            """)

    @OptionGroup var options: CommandOptions

    func run() async throws {
        try await reportingFailure {
            let configuration = try TellerConfiguration(reading: try await self.options.settings())
            LogOutput.bootstrap(level: configuration.logLevel)
            defer { LogOutput.flush() }
            let metrics = PrometheusRegistry()
            MetricsSystem.bootstrap(metrics)
            let service = try await TellerService(configuration, metrics: metrics, logger: Logger(label: "teller.worker"))
            try await service.run()
        }
    }
}
