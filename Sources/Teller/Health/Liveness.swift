import EventLoops

/// Heartbeats of the components that must never stop, each with the time it may be silent.
///
/// A heartbeat that is overdue means a component that hangs, which only a restart cures. What a restart cannot cure, such
/// as a broker that is down, belongs in ``Readiness``.
final class Liveness: Sendable {
    // Time during which the machine sleeps does not count: nobody could beat.
    typealias Instant = SuspendingClock.Instant

    private struct Heartbeat {
        let budget: Duration
        var last: Instant
    }

    private let heartbeats = Locked<[String: Heartbeat]>([:])

    /// Expects a beat within the budget, and after each beat another.
    func watch(_ name: String, within budget: Duration, from now: Instant = .now) {
        self.heartbeats.withLock { $0[name] = Heartbeat(budget: budget, last: now) }
    }

    /// Says that a component is alive; changes nothing when it is not watched.
    func beat(_ name: String, at now: Instant = .now) {
        self.heartbeats.withLock { $0[name]?.last = now }
    }

    /// Expects no more beats of a component that ends as it should.
    func unwatch(_ name: String) {
        self.heartbeats.withLock { $0[name] = nil }
    }

    /// What hangs, one sentence each, sorted.
    func overdue(at now: Instant = .now) -> [String] {
        let heartbeats = self.heartbeats.withLock { $0 }
        return heartbeats.compactMap { name, heartbeat in
            let silence = heartbeat.last.duration(to: now)
            guard silence > heartbeat.budget else { return nil }
            return
                "\(name): silent for \(silence.components.seconds) s, may be for \(heartbeat.budget.components.seconds) s"
        }.sorted()
    }
}
