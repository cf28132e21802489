internal import CRabbitMQ

/// What this side says to the broker outside of contents.
enum AMQPRequest: Sendable {
    case channelOpen
    case channelClose
    case channelCloseOK
    case connectionClose
    case connectionCloseOK
    case confirmSelect
    case qos(prefetch: UInt16)
    case consume(queue: String, exclusive: Bool, arguments: AMQPTable)
    case cancel(consumer: String)
    case get(queue: String)
    case acknowledge(tag: UInt64, multiple: Bool)
    case nack(tag: UInt64, multiple: Bool, requeue: Bool)
    case reject(tag: UInt64, requeue: Bool)
    case exchangeDeclare(AMQPTopology.Exchange, passive: Bool)
    case exchangeDelete(name: String, ifUnused: Bool)
    case queueDeclare(AMQPTopology.Queue, passive: Bool)
    case queueDelete(name: String, ifUnused: Bool, ifEmpty: Bool)
    case queuePurge(name: String)
    case bind(AMQPTopology.Binding)
    case unbind(AMQPTopology.Binding)

    /// Writes the method to the socket; may block for as long as the socket is full.
    ///
    /// - Returns: The library's status, 0 for success.
    func send(_ state: amqp_connection_state_t, channel: UInt16, arena: borrowing AMQPArena) -> Int32 {
        func send<T>(_ id: UInt32, _ method: T) -> Int32 {
            withUnsafePointer(to: method) {
                amqp_send_method(state, channel, id, UnsafeMutableRawPointer(mutating: $0))
            }
        }
        let empty = amqp_bytes_t(len: 0, bytes: nil)
        switch self {
        case .channelOpen:
            return send(AMQP_CHANNEL_OPEN_METHOD, amqp_channel_open_t(out_of_band: empty))
        case .channelClose:
            return send(
                AMQP_CHANNEL_CLOSE_METHOD,
                amqp_channel_close_t(reply_code: 200, reply_text: empty, class_id: 0, method_id: 0))
        case .channelCloseOK:
            return send(AMQP_CHANNEL_CLOSE_OK_METHOD, amqp_channel_close_ok_t())
        case .connectionClose:
            return send(
                AMQP_CONNECTION_CLOSE_METHOD,
                amqp_connection_close_t(reply_code: 200, reply_text: empty, class_id: 0, method_id: 0))
        case .connectionCloseOK:
            return send(AMQP_CONNECTION_CLOSE_OK_METHOD, amqp_connection_close_ok_t())
        case .confirmSelect:
            return send(AMQP_CONFIRM_SELECT_METHOD, amqp_confirm_select_t(nowait: 0))
        case .qos(let prefetch):
            return send(AMQP_BASIC_QOS_METHOD, amqp_basic_qos_t(prefetch_size: 0, prefetch_count: prefetch, global: 0))
        case .consume(let queue, let exclusive, let arguments):
            return send(
                AMQP_BASIC_CONSUME_METHOD,
                amqp_basic_consume_t(
                    ticket: 0, queue: arena.bytes(queue), consumer_tag: empty, no_local: 0, no_ack: 0,
                    exclusive: exclusive ? 1 : 0, nowait: 0, arguments: arena.table(arguments)))
        case .cancel(let consumer):
            return send(
                AMQP_BASIC_CANCEL_METHOD, amqp_basic_cancel_t(consumer_tag: arena.bytes(consumer), nowait: 0))
        case .get(let queue):
            return send(AMQP_BASIC_GET_METHOD, amqp_basic_get_t(ticket: 0, queue: arena.bytes(queue), no_ack: 0))
        case .acknowledge(let tag, let multiple):
            return send(AMQP_BASIC_ACK_METHOD, amqp_basic_ack_t(delivery_tag: tag, multiple: multiple ? 1 : 0))
        case .nack(let tag, let multiple, let requeue):
            return send(
                AMQP_BASIC_NACK_METHOD,
                amqp_basic_nack_t(delivery_tag: tag, multiple: multiple ? 1 : 0, requeue: requeue ? 1 : 0))
        case .reject(let tag, let requeue):
            return send(AMQP_BASIC_REJECT_METHOD, amqp_basic_reject_t(delivery_tag: tag, requeue: requeue ? 1 : 0))
        case .exchangeDeclare(let exchange, let passive):
            return send(
                AMQP_EXCHANGE_DECLARE_METHOD,
                amqp_exchange_declare_t(
                    ticket: 0, exchange: arena.bytes(exchange.name), type: arena.bytes(exchange.kind.name),
                    passive: passive ? 1 : 0, durable: exchange.isDurable ? 1 : 0,
                    auto_delete: exchange.isAutoDelete ? 1 : 0, internal: exchange.isInternal ? 1 : 0, nowait: 0,
                    arguments: arena.table(exchange.arguments)))
        case .exchangeDelete(let name, let ifUnused):
            return send(
                AMQP_EXCHANGE_DELETE_METHOD,
                amqp_exchange_delete_t(ticket: 0, exchange: arena.bytes(name), if_unused: ifUnused ? 1 : 0, nowait: 0))
        case .queueDeclare(let queue, let passive):
            return send(
                AMQP_QUEUE_DECLARE_METHOD,
                amqp_queue_declare_t(
                    ticket: 0, queue: arena.bytes(queue.name), passive: passive ? 1 : 0,
                    durable: queue.isDurable ? 1 : 0, exclusive: queue.isExclusive ? 1 : 0,
                    auto_delete: queue.isAutoDelete ? 1 : 0, nowait: 0, arguments: arena.table(queue.arguments)))
        case .queueDelete(let name, let ifUnused, let ifEmpty):
            return send(
                AMQP_QUEUE_DELETE_METHOD,
                amqp_queue_delete_t(
                    ticket: 0, queue: arena.bytes(name), if_unused: ifUnused ? 1 : 0, if_empty: ifEmpty ? 1 : 0,
                    nowait: 0))
        case .queuePurge(let name):
            return send(AMQP_QUEUE_PURGE_METHOD, amqp_queue_purge_t(ticket: 0, queue: arena.bytes(name), nowait: 0))
        case .bind(let binding):
            let (source, key) = (arena.bytes(binding.source), arena.bytes(binding.routingKey))
            let arguments = arena.table(binding.arguments)
            return switch binding.destination {
            case .queue(let name):
                send(
                    AMQP_QUEUE_BIND_METHOD,
                    amqp_queue_bind_t(
                        ticket: 0, queue: arena.bytes(name), exchange: source, routing_key: key, nowait: 0,
                        arguments: arguments))
            case .exchange(let name):
                send(
                    AMQP_EXCHANGE_BIND_METHOD,
                    amqp_exchange_bind_t(
                        ticket: 0, destination: arena.bytes(name), source: source, routing_key: key, nowait: 0,
                        arguments: arguments))
            }
        case .unbind(let binding):
            let (source, key) = (arena.bytes(binding.source), arena.bytes(binding.routingKey))
            let arguments = arena.table(binding.arguments)
            return switch binding.destination {
            case .queue(let name):
                send(
                    AMQP_QUEUE_UNBIND_METHOD,
                    amqp_queue_unbind_t(
                        ticket: 0, queue: arena.bytes(name), exchange: source, routing_key: key, arguments: arguments))
            case .exchange(let name):
                send(
                    AMQP_EXCHANGE_UNBIND_METHOD,
                    amqp_exchange_unbind_t(
                        ticket: 0, destination: arena.bytes(name), source: source, routing_key: key, nowait: 0,
                        arguments: arguments))
            }
        }
    }
}
