internal import CRabbitMQ

extension AMQPProperties {
    /// Copies the properties out of the library's memory.
    init(_ wire: amqp_basic_properties_t) {
        self.init()
        guard wire._flags != 0 else { return }
        func text(_ flag: Int32, _ bytes: amqp_bytes_t, _ name: String, _ malformed: inout Set<String>) -> String? {
            guard wire._flags & amqp_flags_t(flag) != 0 else { return nil }
            let text = bytes.text
            if text == nil { malformed.insert(name) }
            return text
        }
        self.contentType = text(AMQP_BASIC_CONTENT_TYPE_FLAG, wire.content_type, "content-type", &self.malformed)
        self.contentEncoding = text(
            AMQP_BASIC_CONTENT_ENCODING_FLAG, wire.content_encoding, "content-encoding", &self.malformed)
        self.correlationID = text(
            AMQP_BASIC_CORRELATION_ID_FLAG, wire.correlation_id, "correlation-id", &self.malformed)
        self.replyTo = text(AMQP_BASIC_REPLY_TO_FLAG, wire.reply_to, "reply-to", &self.malformed)
        self.expiration = text(AMQP_BASIC_EXPIRATION_FLAG, wire.expiration, "expiration", &self.malformed)
        self.messageID = text(AMQP_BASIC_MESSAGE_ID_FLAG, wire.message_id, "message-id", &self.malformed)
        self.type = text(AMQP_BASIC_TYPE_FLAG, wire.type, "type", &self.malformed)
        self.userID = text(AMQP_BASIC_USER_ID_FLAG, wire.user_id, "user-id", &self.malformed)
        self.appID = text(AMQP_BASIC_APP_ID_FLAG, wire.app_id, "app-id", &self.malformed)
        self.clusterID = text(AMQP_BASIC_CLUSTER_ID_FLAG, wire.cluster_id, "cluster-id", &self.malformed)
        if wire._flags & amqp_flags_t(AMQP_BASIC_DELIVERY_MODE_FLAG) != 0 { self.deliveryMode = wire.delivery_mode }
        if wire._flags & amqp_flags_t(AMQP_BASIC_PRIORITY_FLAG) != 0 { self.priority = wire.priority }
        if wire._flags & amqp_flags_t(AMQP_BASIC_TIMESTAMP_FLAG) != 0 { self.timestamp = wire.timestamp }
        if wire._flags & amqp_flags_t(AMQP_BASIC_HEADERS_FLAG) != 0 {
            var isComplete = true
            self.headers = AMQPTable(wire.headers, isComplete: &isComplete)
            if !isComplete { self.malformed.insert("headers") }
        }
    }

    /// The C structure, whose memory is the arena's.
    func wire(in arena: borrowing AMQPArena) -> amqp_basic_properties_t {
        var wire = amqp_basic_properties_t()
        func set(_ flag: Int32) { wire._flags |= amqp_flags_t(flag) }
        if let text = self.contentType {
            wire.content_type = arena.bytes(text)
            set(AMQP_BASIC_CONTENT_TYPE_FLAG)
        }
        if let text = self.contentEncoding {
            wire.content_encoding = arena.bytes(text)
            set(AMQP_BASIC_CONTENT_ENCODING_FLAG)
        }
        if let headers = self.headers {
            wire.headers = arena.table(headers)
            set(AMQP_BASIC_HEADERS_FLAG)
        }
        if let mode = self.deliveryMode {
            wire.delivery_mode = mode
            set(AMQP_BASIC_DELIVERY_MODE_FLAG)
        }
        if let priority = self.priority {
            wire.priority = priority
            set(AMQP_BASIC_PRIORITY_FLAG)
        }
        if let text = self.correlationID {
            wire.correlation_id = arena.bytes(text)
            set(AMQP_BASIC_CORRELATION_ID_FLAG)
        }
        if let text = self.replyTo {
            wire.reply_to = arena.bytes(text)
            set(AMQP_BASIC_REPLY_TO_FLAG)
        }
        if let text = self.expiration {
            wire.expiration = arena.bytes(text)
            set(AMQP_BASIC_EXPIRATION_FLAG)
        }
        if let text = self.messageID {
            wire.message_id = arena.bytes(text)
            set(AMQP_BASIC_MESSAGE_ID_FLAG)
        }
        if let timestamp = self.timestamp {
            wire.timestamp = timestamp
            set(AMQP_BASIC_TIMESTAMP_FLAG)
        }
        if let text = self.type {
            wire.type = arena.bytes(text)
            set(AMQP_BASIC_TYPE_FLAG)
        }
        if let text = self.userID {
            wire.user_id = arena.bytes(text)
            set(AMQP_BASIC_USER_ID_FLAG)
        }
        if let text = self.appID {
            wire.app_id = arena.bytes(text)
            set(AMQP_BASIC_APP_ID_FLAG)
        }
        if let text = self.clusterID {
            wire.cluster_id = arena.bytes(text)
            set(AMQP_BASIC_CLUSTER_ID_FLAG)
        }
        return wire
    }
}
