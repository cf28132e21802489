import AMQP
import EventLoops
import Logging
import ServiceLifecycle
import TellerMessages

/// Answers the chat requests of some queues until it is told to stop, then finishes what it holds.
///
/// The broker leaves at most `prefetch` deliveries unacknowledged and each has one child task, so the prefetch count is the
/// whole of the worker's flow control.
struct ChatWorker: Service {
    let consumer: AMQPConsumer
    let handler: DeliveryHandler
    let gate = ConversationGate()
    /// How long requests that were begun may take to finish after the worker was told to stop.
    let drain: Duration
    let logger: Logger

    func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.answerAll() }
                group.addTask { await self.cutShort() }
                // Whichever ends first: all is answered, or the time for it is up.
                await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.logger.info("Draining: no more requests are taken")
            Task { await self.consumer.cancel() }
        }
    }

    private func answerAll() async {
        await withDiscardingTaskGroup { group in
            for await delivery in self.consumer.deliveries {
                let decoded = Result { () throws(MalformedMessage) in
                    try ChatRequest(decoding: delivery.message)
                }
                // The place in the conversation's line is taken here, where deliveries are still in the broker's order.
                let place = (try? decoded.get()).map { self.gate.enter(ConversationGate.Key($0)) }
                group.addTask {
                    if let place { await self.gate.wait(at: place) }
                    await self.handler.handle(delivery, decoded)
                    if let place { self.gate.leave(place) }
                }
            }
        }
    }

    /// Returns when the time to drain is over, which cancels what is still being answered: it goes back to the queue.
    private func cutShort() async {
        try? await gracefulShutdown()
        try? await Task.sleep(for: self.drain)
    }
}

extension ConversationGate.Key {
    fileprivate init(_ request: ChatRequest) {
        self.init(customerID: request.body.customerID, conversationID: request.body.conversationID)
    }
}
