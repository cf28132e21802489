extension AMQPTopology {
    /// Something that is not at the broker as it should be.
    public struct Difference: Sendable, Hashable, CustomStringConvertible {
        public enum Kind: Sendable, Hashable {
            case missing
            /// It exists with another type or other arguments.
            case different
            /// The login may not look.
            case refused
        }

        public let kind: Kind
        /// For example `queue teller.requests.banking`.
        public let subject: String
        /// What the broker said.
        public let reason: String

        public var description: String { "\(self.subject) is \(self.kind): \(self.reason)" }
    }

    /// Declares everything. What exists alike is left alone.
    ///
    /// - Throws: `channelClosed` with reply code 406 when something of that name exists but differs.
    public func apply(on connection: AMQPConnection) async throws(AMQPError) {
        try await connection.withChannel { channel throws(AMQPError) in try await self.apply(on: channel) }
    }

    func apply(on channel: AMQPChannel) async throws(AMQPError) {
        for exchange in self.exchanges { try await channel.declareExchange(exchange) }
        for queue in self.queues { try await channel.declareQueue(queue) }
        for binding in self.bindings { try await channel.bind(binding) }
    }

    /// Looks at exchanges and queues without changing anything, and returns what is missing or different.
    ///
    /// What exists is compared by declaring it again, which the broker answers with 406 when it differs; a login without
    /// the right to declare sees only whether it exists. Bindings cannot be looked at over AMQP: one that is
    /// missing shows when a mandatory message is returned.
    public func check(on connection: AMQPConnection) async throws(AMQPError) -> [Difference] {
        var differences: [Difference] = []
        for exchange in self.exchanges {
            let difference = try await Self.difference("exchange \(exchange.name)", on: connection) {
                channel throws(AMQPError) in
                try await channel.checkExchange(exchange.name)
            } declare: { channel throws(AMQPError) in
                try await channel.declareExchange(exchange)
            }
            if let difference { differences.append(difference) }
        }
        for queue in self.queues {
            let difference = try await Self.difference("queue \(queue.name)", on: connection) {
                channel throws(AMQPError) in
                _ = try await channel.checkQueue(queue.name)
            } declare: { channel throws(AMQPError) in
                try await channel.declareQueue(queue)
            }
            if let difference { differences.append(difference) }
        }
        return differences
    }

    /// Deletes the queues, with what is in them, and the exchanges, and so the bindings.
    public func delete(on connection: AMQPConnection) async throws(AMQPError) {
        try await connection.withChannel { channel throws(AMQPError) in
            for queue in self.queues { try await channel.deleteQueue(queue.name) }
            for exchange in self.exchanges { try await channel.deleteExchange(exchange.name) }
        }
    }

    private static func difference(
        _ subject: String, on connection: AMQPConnection,
        check: (AMQPChannel) async throws(AMQPError) -> Void,
        declare: (AMQPChannel) async throws(AMQPError) -> Void
    ) async throws(AMQPError) -> Difference? {
        do {
            try await connection.withChannel(check)
        } catch {
            switch error.replyCode {
            case 404: return Difference(kind: .missing, subject: subject, reason: error.message)
            case 403, 405: return Difference(kind: .refused, subject: subject, reason: error.message)
            default: throw error
            }
        }
        do {
            try await connection.withChannel(declare)
        } catch {
            switch error.replyCode {
            case 406: return Difference(kind: .different, subject: subject, reason: error.message)
            case 403: return nil
            default: throw error
            }
        }
        return nil
    }
}
