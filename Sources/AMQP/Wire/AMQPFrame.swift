internal import CRabbitMQ

/// A frame that the broker sent.
enum AMQPFrame {
    case method(AMQPMethod)
    case header(bodySize: UInt64, properties: AMQPProperties)
    /// Part of a body, where it lies in the library's buffer: to be copied before the next frame is read.
    case body(UnsafeRawBufferPointer)
    case other
}

/// What the broker says outside of contents.
enum AMQPMethod: Sendable, Hashable {
    /// A message follows, in header and body frames.
    case content(AMQPEnvelope)
    case getEmpty
    /// basic.ack of what was published.
    case confirmed(tag: UInt64, multiple: Bool)
    /// basic.nack of what was published.
    case refused(tag: UInt64, multiple: Bool)
    case consumerCancelled(consumer: String)
    case channelClose(code: UInt16, text: String)
    case channelCloseOK
    case connectionClose(code: UInt16, text: String)
    case connectionCloseOK
    case blocked(reason: String)
    case unblocked
    /// The answer to a call.
    case reply(AMQPReply)
    /// A method that is of no interest here, by its number.
    case other(UInt32)
}

/// What came before a message: why it was sent here.
enum AMQPEnvelope: Sendable, Hashable {
    case delivered(consumer: String, tag: UInt64, isRedelivered: Bool, exchange: String, routingKey: String)
    case got(tag: UInt64, isRedelivered: Bool, exchange: String, routingKey: String)
    case returned(code: UInt16, text: String, exchange: String, routingKey: String)
}

/// The answer to a call; what it does not say is empty or 0.
struct AMQPReply: Sendable, Hashable {
    var name = ""
    var messageCount: UInt32 = 0
    var consumerCount: UInt32 = 0
}

extension AMQPFrame {
    init(_ frame: amqp_frame_t) {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD:
            self = .method(AMQPMethod(frame.payload.method))
        case AMQP_FRAME_HEADER:
            let header = frame.payload.properties
            // The class of the only contents there are is basic, and so is the structure.
            let properties = header.decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee
            self = .header(bodySize: header.body_size, properties: AMQPProperties(properties))
        case AMQP_FRAME_BODY:
            self = .body(frame.payload.body_fragment.raw)
        default:
            self = .other
        }
    }
}

extension AMQPMethod {
    init(_ method: amqp_method_t) {
        // The number of the method says which structure the library decoded it into.
        func decoded<T>(_: T.Type) -> T { method.decoded.assumingMemoryBound(to: T.self).pointee }
        switch method.id {
        case AMQP_BASIC_DELIVER_METHOD:
            let deliver = decoded(amqp_basic_deliver_t.self)
            self = .content(
                .delivered(
                    consumer: deliver.consumer_tag.repairedText, tag: deliver.delivery_tag,
                    isRedelivered: deliver.redelivered != 0, exchange: deliver.exchange.repairedText,
                    routingKey: deliver.routing_key.repairedText))
        case AMQP_BASIC_GET_OK_METHOD:
            let get = decoded(amqp_basic_get_ok_t.self)
            self = .content(
                .got(
                    tag: get.delivery_tag, isRedelivered: get.redelivered != 0, exchange: get.exchange.repairedText,
                    routingKey: get.routing_key.repairedText))
        case AMQP_BASIC_RETURN_METHOD:
            let returned = decoded(amqp_basic_return_t.self)
            self = .content(
                .returned(
                    code: returned.reply_code, text: returned.reply_text.repairedText,
                    exchange: returned.exchange.repairedText, routingKey: returned.routing_key.repairedText))
        case AMQP_BASIC_GET_EMPTY_METHOD:
            self = .getEmpty
        case AMQP_BASIC_ACK_METHOD:
            let ack = decoded(amqp_basic_ack_t.self)
            self = .confirmed(tag: ack.delivery_tag, multiple: ack.multiple != 0)
        case AMQP_BASIC_NACK_METHOD:
            let nack = decoded(amqp_basic_nack_t.self)
            self = .refused(tag: nack.delivery_tag, multiple: nack.multiple != 0)
        case AMQP_BASIC_CANCEL_METHOD:
            self = .consumerCancelled(consumer: decoded(amqp_basic_cancel_t.self).consumer_tag.repairedText)
        case AMQP_CHANNEL_CLOSE_METHOD:
            let close = decoded(amqp_channel_close_t.self)
            self = .channelClose(code: close.reply_code, text: close.reply_text.repairedText)
        case AMQP_CHANNEL_CLOSE_OK_METHOD:
            self = .channelCloseOK
        case AMQP_CONNECTION_CLOSE_METHOD:
            let close = decoded(amqp_connection_close_t.self)
            self = .connectionClose(code: close.reply_code, text: close.reply_text.repairedText)
        case AMQP_CONNECTION_CLOSE_OK_METHOD:
            self = .connectionCloseOK
        case AMQP_CONNECTION_BLOCKED_METHOD:
            self = .blocked(reason: decoded(amqp_connection_blocked_t.self).reason.repairedText)
        case AMQP_CONNECTION_UNBLOCKED_METHOD:
            self = .unblocked
        case AMQP_QUEUE_DECLARE_OK_METHOD:
            let declare = decoded(amqp_queue_declare_ok_t.self)
            self = .reply(
                AMQPReply(
                    name: declare.queue.repairedText, messageCount: declare.message_count,
                    consumerCount: declare.consumer_count))
        case AMQP_QUEUE_PURGE_OK_METHOD:
            self = .reply(AMQPReply(messageCount: decoded(amqp_queue_purge_ok_t.self).message_count))
        case AMQP_QUEUE_DELETE_OK_METHOD:
            self = .reply(AMQPReply(messageCount: decoded(amqp_queue_delete_ok_t.self).message_count))
        case AMQP_BASIC_CONSUME_OK_METHOD:
            self = .reply(AMQPReply(name: decoded(amqp_basic_consume_ok_t.self).consumer_tag.repairedText))
        case AMQP_CHANNEL_OPEN_OK_METHOD, AMQP_CONFIRM_SELECT_OK_METHOD, AMQP_BASIC_QOS_OK_METHOD,
            AMQP_BASIC_CANCEL_OK_METHOD, AMQP_EXCHANGE_DECLARE_OK_METHOD, AMQP_EXCHANGE_DELETE_OK_METHOD,
            AMQP_EXCHANGE_BIND_OK_METHOD, AMQP_EXCHANGE_UNBIND_OK_METHOD, AMQP_QUEUE_BIND_OK_METHOD,
            AMQP_QUEUE_UNBIND_OK_METHOD:
            self = .reply(AMQPReply())
        default:
            self = .other(method.id)
        }
    }
}
