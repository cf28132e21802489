import AMQP
import Logging
import Postgres
import ServiceLifecycle

/// Looks every few seconds whether the worker could answer, and turns readiness red with the reason when it could not.
///
/// A worker that stays unable for the whole budget ends with an error, so that its platform starts a new one: most of what
/// keeps a process from healing by itself is cured by that.
struct Watchdog: Service {
    static let period: Duration = .seconds(2)
    static let budget: Duration = .seconds(300)

    let consumer: AMQPConsumer
    let publisher: AMQPPublisher
    let postgres: PostgresClient
    let readiness: Readiness
    let liveness: Liveness
    let logger: Logger

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            self.liveness.watch("watchdog", within: .seconds(60))
            var healthySince = ContinuousClock.now
            while !Task.isCancelled {
                let reasons = await self.look()
                if reasons.isEmpty { healthySince = .now }
                if healthySince.duration(to: .now) > Self.budget { throw WatchdogError(reasons: reasons) }
                self.liveness.beat("watchdog")
                try? await Task.sleep(for: Self.period)
            }
        }
        self.liveness.unwatch("watchdog")
        self.readiness.set("worker", .failing("draining"))
        try? await gracefulShutdown()
    }

    /// Sets every condition, and returns the reasons of those that fail.
    private func look() async -> [String] {
        let database: String?
        do {
            _ = try await self.postgres.query("SELECT 1")
            database = nil
        } catch {
            database = "\(error.code)"
        }
        let failures = [
            ("consumer", Self.reason(self.consumer.status)), ("publisher", Self.reason(self.publisher.status)), ("database", database),
        ]
        for (name, reason) in failures { self.readiness.set(name, reason.map { .failing($0) } ?? .ok) }
        self.readiness.set("worker", .ok)
        return failures.compactMap { name, reason in reason.map { "\(name): \($0)" } }
    }

    private static func reason(_ status: AMQPStatus) -> String? {
        switch status.phase {
        case .connected: nil
        case .connecting: "not connected to the broker"
        case .blocked: "the broker has blocked publishing"
        case .degraded: "a queue is not consumed"
        case .closed: "closed"
        }
    }
}

/// The worker was unable to answer for longer than it may be.
public struct WatchdogError: Error, CustomStringConvertible {
    let reasons: [String]

    public var description: String {
        "could not answer for \(Watchdog.budget.components.seconds) s: \(self.reasons.joined(separator: "; "))"
    }
}
