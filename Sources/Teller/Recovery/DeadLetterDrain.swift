import AMQP
import EventLoops
import ServiceLifecycle

/// Keeps the queue of dead letters empty beside a worker's own work, with a consumer of its own and a few messages at a time.
struct DeadLetterDrain: Service {
    static let queue = "teller.dead"
    static let prefetch = 16
    /// How long messages that are being taken in may take to finish after the worker was told to stop.
    private static let patience = Duration.seconds(5)

    let consumer: AMQPConsumer
    let ingester: DeadLetterIngester

    func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.drain { _ in } }
                group.addTask {
                    try? await gracefulShutdown()
                    try? await Task.sleep(for: Self.patience)
                }
                // Whichever ends first: all is settled, or the time for it is up.
                await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            Task { await self.consumer.cancel() }
        }
    }

    /// Takes in every message that is delivered, until the consumer is cancelled.
    func drain(_ report: @escaping @Sendable (DeadLetterIngester.Outcome) -> Void) async {
        await withDiscardingTaskGroup { group in
            for await delivery in self.consumer.deliveries {
                group.addTask { report(await self.ingester.ingest(delivery)) }
            }
        }
    }
}
