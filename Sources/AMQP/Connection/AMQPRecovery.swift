internal import EventLoops
internal import Logging

/// Keeps a connection: connects, has it used, and connects again after a pause, until the task is cancelled.
///
/// It stays with its node for as long as the connection lasts, and goes to another one then if there is one.
struct AMQPRecovery: Sendable {
    enum Event: Sendable {
        case connected(AMQPConnection)
        case disconnected(AMQPError)
    }

    let configuration: AMQPConfiguration
    let logger: Logger?

    /// - Parameters:
    ///   - observe: Told of every connection made, and of every one lost or not made.
    ///   - use: Returns when the connection has ended, or is not needed any more because the task was cancelled.
    func run(
        observe: @Sendable (Event) -> Void,
        use: @Sendable (AMQPConnection) async -> Void
    ) async {
        var backoff = Backoff()
        var left: AMQPConfiguration.Endpoint?
        while !Task.isCancelled {
            let error: AMQPError
            do {
                let connection = try await AMQPConnection.connect(self.configuration, last: left)
                left = connection.endpoint
                let connected = ContinuousClock.now
                self.logger?.info("Connected to the broker", metadata: ["amqp.endpoint": "\(connection.endpoint)"])
                observe(.connected(connection))
                await use(connection)
                await connection.close()
                error = connection.end.current ?? AMQPError(.closed, "the connection was closed")
                // One that did not last is no reason to come back at once.
                if .now - connected > backoff.cap { backoff.reset() }
            } catch let failure {
                error = failure
            }
            observe(.disconnected(error))
            guard !Task.isCancelled else { return }
            let pause = backoff.next()
            self.logger?.info(
                "No connection to the broker; trying again",
                metadata: ["amqp.error": "\(error)", "amqp.pause": "\(pause)"])
            try? await Task.sleep(for: pause)
        }
    }
}

extension Outcome where Value == Void {
    /// Runs a body until it returns or this outcome comes, which cancels it.
    func cancelling(_ body: @Sendable @escaping () async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await body() }
            group.addTask { _ = await self.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
