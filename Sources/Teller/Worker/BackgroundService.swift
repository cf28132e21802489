import ServiceLifecycle

/// Runs something that has a run loop of its own until the service group shuts it down, in its turn.
struct BackgroundService: Service {
    let loop: @Sendable () async -> Void
    let stop: @Sendable () async -> Void

    func run() async throws {
        await withGracefulShutdownHandler {
            await self.loop()
        } onGracefulShutdown: {
            Task { await self.stop() }
        }
    }
}
