public import AMQP

extension AMQPTopology {
    /// What Teller needs at the broker.
    ///
    /// The queues have no delivery limit: RabbitMQ charges a crash to every message that the worker had prefetched, so attempts
    /// are counted in PostgreSQL. A request queue dead-letters only what expires before anyone reads it.
    public static let teller: AMQPTopology = {
        let requests = ["banking", "trading"].map { domain in
            (queue: Queue.quorum("teller.requests.\(domain)", arguments: [
                "x-dead-letter-exchange": "teller.dead", "x-dead-letter-strategy": "at-most-once",
            ]), domain: domain)
        }
        let retries = RetryTier.allCases.map { tier in
            Queue.quorum(tier.name, arguments: [
                "x-message-ttl": .int64(Int64(tier.seconds) * 1000), "x-dead-letter-exchange": "teller.requests",
            ])
        }
        let others = [Queue.quorum("teller.answers"), Queue.quorum("teller.dead")]
        let topics = ["teller.requests", "teller.answers", "teller.dead"] + RetryTier.allCases.map(\.name)
        return AMQPTopology(
            exchanges: topics.map { Exchange($0, .topic) } + [Exchange("teller.control", .fanout)],
            queues: requests.map(\.queue) + retries + others,
            bindings: requests.map {
                Binding(from: "teller.requests", to: .queue($0.queue.name), routingKey: "\($0.domain).#")
            } + (retries + others).map { Binding(from: $0.name, to: .queue($0.name), routingKey: "#") })
    }()
}
