import AMQP
import Foundation
import TellerMessages

/// What a message in the queue of dead letters tells of itself: a worker's copy of what it gave up, or a message that the broker
/// gave up for it.
struct DeadDelivery: Sendable {
    /// The message as its client published it.
    let message: StoredMessage
    let failure: Failure
    let attempts: Int
    let source: DeadLetter.Source
    /// The ids under which the database may know it already.
    let ids: [UUID]

    init(_ delivery: AMQPDelivery) {
        let headers = delivery.properties.headers ?? [:]
        // A worker publishes clean copies: what the broker has written on was not one, whatever else it says.
        if headers["x-death"] == nil, let name = headers["teller-failure-class"]?.string,
            let failureClass = FailureClass(rawValue: name)
        {
            self.message = Self.original(of: delivery)
            self.failure = Failure.unrecorded(failureClass, fingerprint: headers["teller-failure-fingerprint"]?.string)
            self.attempts = Int(max(0, min(headers["teller-attempt"]?.integer ?? 0, 100)))
            self.source = .worker
        } else {
            let reason = headers["x-first-death-reason"]?.string.flatMap { $0.utf8.count <= 32 && Identifier.isValid($0) ? $0 : nil }
            self.message = Self.undelivered(delivery)
            self.failure = Failure.givenUp(byBrokerFor: reason)
            self.attempts = 0
            self.source = .broker(reason: reason)
        }
        let named = headers["teller-failure-id"]?.string.flatMap { UUID(uuidString: $0) }
        self.ids = [DeadLetter.id(of: self.message)] + (named.map { [$0] } ?? [])
    }

    var isTheBrokers: Bool { self.source != .worker }

    /// What a worker's copy was made of. A copy whose original had too many headers to travel with it says at least where it was from.
    private static func original(of delivery: AMQPDelivery) -> StoredMessage {
        var stored = CleanCopy.original(of: delivery)
        if stored.exchange == delivery.exchange, let headers = delivery.properties.headers {
            stored.exchange = headers["teller-origin-exchange"]?.string ?? stored.exchange
            stored.routingKey = headers["teller-origin-routing-key"]?.string ?? stored.routingKey
            stored.message.properties.headers?.entries.removeAll { $0.name.hasPrefix("teller-") }
        }
        stored.queue = Self.queue(for: stored.routingKey) ?? delivery.queue
        return stored
    }

    /// The message as it was before the broker dead-lettered it, which keeps its routing key and adds headers.
    private static func undelivered(_ delivery: AMQPDelivery) -> StoredMessage {
        var stored = CleanCopy.original(of: delivery)
        stored.message.properties.headers?.entries.removeAll { entry in
            entry.name == "x-death" || entry.name.hasPrefix("x-first-death-") || entry.name.hasPrefix("x-last-death-")
        }
        // To a queue by its name it came by the default exchange; else by the exchange that request queues are bound to.
        let isQueue = AMQPTopology.teller.queues.contains { $0.name == stored.routingKey }
        stored.exchange = isQueue ? "" : "teller.requests"
        stored.queue = Self.queue(for: stored.routingKey) ?? delivery.queue
        return stored
    }

    /// The request queue that a routing key leads to.
    private static func queue(for routingKey: String) -> String? {
        let topology = AMQPTopology.teller
        if let named = topology.queues.first(where: { $0.name == routingKey }) { return named.name }
        guard let domain = routingKey.split(separator: ".", omittingEmptySubsequences: false).first else { return nil }
        return topology.queues.first { $0.name == "teller.requests.\(domain)" }?.name
    }
}

extension Failure {
    /// What a worker gave up without being able to record it: all that is left is what its copy says.
    fileprivate static func unrecorded(_ failureClass: FailureClass, fingerprint: String?) -> Failure {
        var failure = Failure(
            failureClass, .record, cause: "unrecorded",
            problem: Problem(
                "unrecorded", title: "The worker that gave the request up could not record why.", status: 500,
                detail: "It is kept and can be replayed.", failureClass: failureClass.rawValue, isRetryable: true))
        if let fingerprint, fingerprint.utf8.count == 16, [UInt8](hexadecimal: fingerprint) != nil {
            failure.reportedFingerprint = fingerprint
        }
        return failure
    }

    /// What the broker gave up before any worker finished with it.
    fileprivate static func givenUp(byBrokerFor reason: String?) -> Failure {
        switch reason {
        case "expired": .expired(.decode)
        case "delivery_limit":
            .poison(
                .decode, cause: "broker.delivery_limit", title: "The request was delivered several times and never finished.",
                detail: "It is kept and can be replayed.")
        case "rejected", "maxlen": .transient(.decode, cause: "broker.\(reason ?? "")")
        default: .transient(.decode, cause: "broker.unknown")
        }
    }
}
