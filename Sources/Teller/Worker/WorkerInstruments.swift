import AMQP
import EventLoops
import Metrics
import TellerMessages

/// What a worker measures. The metrics are made once, with the names that OpenTelemetry gives them.
struct WorkerInstruments: Sendable {
    /// How a delivery ended.
    enum Outcome: String, Sendable, CaseIterable {
        case answered, repeated, refused, expired, waited, overtaken, retried
        case deadLettered = "dead_lettered"
    }

    private let process: [Outcome: Metrics.Timer]
    private let stages: [Failure.Stage: Metrics.Timer]
    private let consumed = Counter(label: "messaging.client.consumed.messages")
    private let returned = Counter(label: "teller_returned")
    private let lost = Counter(label: "teller_deliveries_lost")
    private let waits = Counter(label: "teller_infrastructure_waits")
    private let inFlight = InFlight()

    init() {
        self.process = Dictionary(uniqueKeysWithValues: Outcome.allCases.map {
            ($0, Metrics.Timer(label: "messaging.process.duration", dimensions: [("outcome", $0.rawValue)]))
        })
        self.stages = Dictionary(uniqueKeysWithValues: Failure.Stage.allCases.map {
            ($0, Metrics.Timer(label: "teller_stage_duration", dimensions: [("stage", $0.rawValue)]))
        })
    }

    func taken() {
        self.consumed.increment()
        self.inFlight.begin()
    }

    func settled(_ delivery: AMQPDelivery, _ outcome: Outcome, _ progress: Progress, since start: ContinuousClock.Instant) {
        self.process[outcome]?.record(duration: start.duration(to: .now))
        for (stage, duration) in progress.timing { self.stages[stage]?.record(duration: duration) }
        self.inFlight.end()
    }

    /// The delivery's connection is gone; the broker has it again.
    func lost(_ delivery: AMQPDelivery) {
        self.lost.increment()
        self.inFlight.end()
    }

    /// The delivery went back to the queue, untried.
    func returned(_ delivery: AMQPDelivery) {
        self.returned.increment()
        self.inFlight.end()
    }

    /// The delivery waits for a server.
    func held(_ failure: Failure) { self.waits.increment() }
}

/// The number of deliveries being answered, as a gauge.
private final class InFlight: Sendable {
    private let count = Locked(0)
    private let gauge = Gauge(label: "teller_deliveries_in_flight")

    func begin() { self.gauge.record(self.count.withLock { $0 += 1; return $0 }) }
    func end() { self.gauge.record(self.count.withLock { $0 -= 1; return $0 }) }
}
