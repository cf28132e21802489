import AMQP
package import Foundation

/// What a message says of the replay that sent it: the plan, and the dead letter that it is a copy of.
///
/// Anyone can write these headers, so they prove nothing. They tell the journal where to look; what it finds there counts.
package struct ReplayMark: Sendable, Hashable {
    package let plan: UUID
    package let failure: UUID

    package init(plan: UUID, failure: UUID) {
        self.plan = plan
        self.failure = failure
    }

    /// The mark in a message's headers; nil when there is none, or none that is well formed.
    init?(_ headers: AMQPTable?) {
        guard let plan = headers?["teller-replay-plan"]?.string.flatMap(UUID.init(uuidString:)),
            let failure = headers?["teller-replay-of"]?.string.flatMap(UUID.init(uuidString:))
        else { return nil }
        self.init(plan: plan, failure: failure)
    }
}

extension AMQPTable {
    /// Writes the mark as a replay does.
    mutating func set(_ mark: ReplayMark?) {
        guard let mark else { return }
        self["teller-replay-plan"] = .string(mark.plan.uuidString.lowercased())
        self["teller-replay-of"] = .string(mark.failure.uuidString.lowercased())
    }
}
