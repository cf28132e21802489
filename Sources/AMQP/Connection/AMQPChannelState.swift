internal import DequeModule

/// The answer to a call.
enum AMQPAnswer: Sendable {
    case reply(AMQPReply)
    case message(AMQPDelivery)
    /// basic.get found the queue empty.
    case nothing
}

/// One consumer of a channel.
final class AMQPSubscription: Sendable {
    let queue: String
    let buffer: AMQPDeliveryBuffer
    /// Why no more deliveries come, once they do not.
    let end = Outcome<AMQPError>()
    /// The name that the broker gave it.
    let consumer = Outcome<String>()

    init(queue: String, buffer: AMQPDeliveryBuffer) {
        self.queue = queue
        self.buffer = buffer
    }
}

/// What a connection knows of an open channel. Only its connection touches it.
final class AMQPChannelState {
    struct Call {
        let deadline: ContinuousClock.Instant
        let receive: ((AMQPAnswer, AMQPChannelState) -> Void)?
        let continuation: CheckedContinuation<Result<AMQPAnswer, AMQPError>, Never>
    }

    let channel: AMQPChannel
    /// Calls without their answer yet; the broker answers in order.
    var calls: Deque<Call> = []
    var subscriptions: [String: AMQPSubscription] = [:]
    var publishing: AMQPPublishQueue?
    /// Whether the channel is being closed because a confirm is overdue.
    var isGivenUp = false

    var number: UInt16 { self.channel.number }
    var settlements: AMQPSettlements { self.channel.settlements }

    init(_ channel: AMQPChannel) {
        self.channel = channel
    }

    func receive(_ method: AMQPMethod) {
        switch method {
        case .confirmed(let tag, let multiple):
            self.publishing?.confirm(tag, multiple: multiple, isAccepted: true)
        case .refused(let tag, let multiple):
            self.publishing?.confirm(tag, multiple: multiple, isAccepted: false)
        case .reply(let reply):
            self.answer(.reply(reply))
        case .getEmpty:
            self.answer(.nothing)
        case .consumerCancelled(let consumer):
            guard let subscription = self.subscriptions.removeValue(forKey: consumer) else { return }
            subscription.end.fulfil(
                AMQPError(
                    .consumerCancelled,
                    "the broker cancelled the consumer of queue \(subscription.queue): it was deleted or moved"))
        default:
            break
        }
    }

    func receive(_ content: AMQPDeliveryAssembler.Content) {
        switch content.envelope {
        case .delivered(let consumer, let tag, let isRedelivered, let exchange, let routingKey):
            self.settlements.deliver(tag)
            let subscription = self.subscriptions[consumer]
            let delivery = AMQPDelivery(
                exchange: exchange, routingKey: routingKey, queue: subscription?.queue ?? "",
                redelivered: isRedelivered,
                message: content.message, deliveryTag: tag, settlements: self.settlements)
            if subscription?.buffer.push(delivery) != true {
                // Nobody will handle it: it came between a cancel and its answer.
                try? self.settlements.settle(tag, .reject(requeue: true))
            }
        case .got(let tag, let isRedelivered, let exchange, let routingKey):
            self.settlements.deliver(tag)
            self.answer(
                .message(
                    AMQPDelivery(
                        exchange: exchange, routingKey: routingKey, queue: "", redelivered: isRedelivered,
                        message: content.message, deliveryTag: tag, settlements: self.settlements)))
        case .returned(let code, let text, let exchange, let routingKey):
            _ = self.publishing?.giveBack(
                code: code, text: text, exchange: exchange, routingKey: routingKey, message: content.message)
        }
    }

    private func answer(_ answer: AMQPAnswer) {
        guard let call = self.calls.popFirst() else { return }
        call.receive?(answer, self)
        call.continuation.resume(returning: .success(answer))
    }

    /// Tells everyone who waits for something on the channel that it will not come.
    func end(_ error: AMQPError) {
        self.settlements.end(error)
        self.channel.end.fulfil(error)
        for subscription in self.subscriptions.values { subscription.end.fulfil(error) }
        for call in self.calls { call.continuation.resume(returning: .failure(error)) }
        self.publishing?.detach(error)
        self.channel.publishing.close(error)
        self.subscriptions = [:]
        self.calls = []
        self.publishing = nil
    }
}
