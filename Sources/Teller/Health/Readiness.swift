import EventLoops

/// The conditions under which this process can do its work, as those who watch them last said.
///
/// A condition named at the start is unmet until it is set, so that a worker is not ready before all of it has started.
final class Readiness: Sendable {
    /// What is known of one condition.
    enum Condition: Sendable, Equatable {
        case ok
        /// Unmet. The reason is shown to whoever can reach the health port: no secrets, no customer data.
        case failing(String)
    }

    private let conditions: Locked<[String: Condition]>

    init(waitingFor names: [String] = []) {
        self.conditions = Locked(Dictionary(names.map { ($0, .failing("not started yet")) }) { first, _ in first })
    }

    func set(_ name: String, _ condition: Condition) {
        self.conditions.withLock { $0[name] = condition }
    }

    var health: Health {
        let conditions = self.conditions.withLock { $0 }
        return Health(
            reasons: conditions.compactMap { name, condition in
                switch condition {
                case .ok: nil
                case .failing(let reason): "\(name): \(reason)"
                }
            }.sorted())
    }
}
