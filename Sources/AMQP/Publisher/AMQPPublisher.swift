internal import EventLoops
public import Logging

/// Publishes with confirms over a connection of its own and recovers by itself.
///
/// A publish that was not confirmed when the connection was lost is sent again, the same message, so a consumer may
/// see it twice. Run ``run()`` in a task of its own; until it has connected, publishes wait.
///
/// The connection is apart from consumers' ones because the broker stops reading from a connection that publishes while it
/// is short of memory, and acknowledgements must not wait behind that.
public final class AMQPPublisher: Sendable {
    private struct State {
        var status = AMQPStatus(.connecting)
        var wasConnected = false
    }

    private let configuration: AMQPConfiguration
    private let logger: Logger?
    private let queue = AMQPPublishQueue()
    private let state = Locked(State())
    private let stop = Outcome<Void>()

    public init(_ configuration: AMQPConfiguration, logger: Logger? = nil) {
        self.configuration = configuration
        self.logger = logger
    }

    /// A snapshot.
    public var status: AMQPStatus {
        var status = self.state.withLock { $0.status }
        let counts = self.queue.counts
        (status.messages, status.outstanding) = (counts.confirmed, counts.outstanding)
        if status.phase == .connected, self.queue.isBlocked { status.phase = .blocked }
        return status
    }

    /// Keeps the connection until ``shutdown()`` or until the task is cancelled.
    public func run() async {
        let recovery = AMQPRecovery(configuration: self.configuration, logger: self.logger)
        await self.stop.cancelling {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await recovery.run(observe: self.observe) { await self.serve($0) } }
                group.addTask { await self.expire() }
            }
        }
        self.queue.close(AMQPError(.closed, "the publisher was shut down"))
        self.state.withLock { $0.status.enter(.closed) }
    }

    /// Publishes a message and returns once the broker has taken charge of it: confirmed, and not returned.
    ///
    /// - Parameters:
    ///   - mandatory: Whether a message that reaches no queue is an error. Without it the broker confirms and drops it.
    ///   - timeout: How long to wait for the confirm, for a connection, and for the end of a memory alarm, together.
    /// - Throws: `unroutable`; `nacked`; `timeout`, `blocked`, or why there is no connection, when the time is up;
    ///   `channelClosed` or `connectionClosed` when the broker closed over this very message; `invalidArgument`; `cancelled`;
    ///   `closed`. After `timeout` and `cancelled` the message may have arrived.
    public func publish(
        _ message: AMQPMessage, exchange: String, routingKey: String, mandatory: Bool = true,
        timeout: Duration = .seconds(30)
    ) async throws(AMQPError) {
        try await self.queue.publish(
            AMQPPublication(message: message, exchange: exchange, routingKey: routingKey, isMandatory: mandatory),
            timeout: timeout)
    }

    /// Returns once every publish so far is settled.
    public func flush() async {
        await self.queue.flush()
    }

    /// Closes the connection; publishes that are outstanding fail. ``flush()`` first to let them finish.
    public func shutdown() async {
        self.stop.fulfil(())
    }

    // MARK: - Inside

    private func observe(_ event: AMQPRecovery.Event) {
        self.state.withLock { state in
            switch event {
            case .connected:
                if state.wasConnected { state.status.reconnects += 1 }
                state.wasConnected = true
            case .disconnected(let error):
                self.queue.note(error)
                state.status.lastError = error
                state.status.enter(.connecting)
            }
        }
    }

    /// Keeps a channel in confirm mode until the connection ends or the task is cancelled.
    private func serve(_ connection: AMQPConnection) async {
        var backoff = Backoff(base: .milliseconds(10))
        while !Task.isCancelled, connection.end.current == nil {
            let error: AMQPError
            do {
                let channel = try await connection.openChannel()
                try await channel.selectConfirms(self.queue)
                self.state.withLock { $0.status.enter(.connected) }
                guard let end = await channel.end.wait() else { return }
                error = end
            } catch let failure {
                error = failure
            }
            self.state.withLock { $0.status.lastError = error }
            guard connection.end.current == nil else { return }
            self.logger?.info(
                "The publishing channel was closed; opening another", metadata: ["amqp.error": "\(error)"])
            try? await Task.sleep(for: backoff.next())
        }
    }

    /// Looks at deadlines while there is no connection to do it, too.
    private func expire() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(250))
            self.queue.expire()
        }
    }
}
