import AMQP

/// Every property of a message, wrong in every way that reaches the broker.
enum HostileProperties {
    @HostileCaseList static var cases: [HostileCase] {
        Self.identifiers
        Self.kinds
        Self.times
        Self.numbers
        Self.bytes
    }

    private static func property(
        _ name: String, _ outcome: HostileCase.Outcome, _ change: @escaping @Sendable (inout AMQPProperties) -> Void
    ) -> HostileCase {
        HostileCase(name, outcome) { change(&$0.properties) }
    }

    @HostileCaseList private static var identifiers: [HostileCase] {
        [
            "", " ", "a b", "a\0b", "\0", "a\nb", "ü", "中", "\u{202E}", "\u{7F}", String(repeating: "x", count: 129), String(repeating: "x", count: 255),
        ].flatMap { id in
            [
                Self.property("message_id is \(id.prefix(12).debugDescription), \(id.utf8.count) bytes", .failed) { $0.messageID = id },
                HostileCase("correlation_id is \(id.prefix(12).debugDescription), \(id.utf8.count) bytes", .failed) { $0.properties.correlationID = id },
            ]
        }
        [
            Self.property("message_id is absent", .failed) { $0.messageID = nil },
            // An id need not be a UUID.
            HostileCase("message_id is 128 bytes", .answered) { $0.properties.messageID = String($0.key + String(repeating: "x", count: 128)).prefix(128).description },
            HostileCase("message_id looks like SQL", .answered) { $0.properties.messageID = "');DROP/**/TABLE/**/teller.requests;--\($0.key)" },
            HostileCase("message_id looks like the id of a message without one", .answered) { $0.properties.messageID = "sha256:\($0.key)" },
            HostileCase("correlation_id is 128 bytes of punctuation", .answered) { $0.properties.correlationID = String(repeating: "!", count: 128) },
        ]
    }

    @HostileCaseList private static var kinds: [HostileCase] {
        [
            (.failed, ""), (.failed, "text/plain"), (.failed, "application/xml"), (.failed, "application/json; charset=utf-16"), (.failed, "application/json; charset=iso-8859-1"),
            (.failed, "application/jsonp"), (.failed, "json"), (.failed, "application/json\0"), (.failed, "application/json, text/html"), (.failed, String(repeating: "a", count: 255)),
            (.failed, "application/cloudevents+json"), (.answered, "application/json; charset=utf-8"), (.answered, "APPLICATION/JSON;charset=\"UTF-8\""),
        ].map { (outcome: HostileCase.Outcome, type: String) in Self.property("content_type is \(type.prefix(40).debugDescription)", outcome) { $0.contentType = type } }
        [
            "", "gzip", "deflate", "identity", "utf-8", "base64", "\0",
        ].map { encoding in Self.property("content_encoding is \(encoding.debugDescription)", .failed) { $0.contentEncoding = encoding } }
        [
            "", "teller.chat.request.v0", "teller.chat.request.v2", "teller.chat.answer.v1", "TELLER.CHAT.REQUEST.V1", "teller.chat.request.v1 ", "teller.chat.request.v1\0", "*",
        ].map { type in Self.property("type is \(type.debugDescription)", .failed) { $0.type = type } }
        [
            Self.property("content_type and type are absent", .answered) {
                $0.contentType = nil
                $0.type = nil
            }
        ]
    }

    @HostileCaseList private static var times: [HostileCase] {
        [
            (.stopped, "garbage"), (.stopped, "-1"), (.stopped, "1.5"), (.stopped, " 1"), (.stopped, ""), (.stopped, "99999999999999999999"), (.stopped, "1e3"), (.stopped, "٣"),
            (.answered, "4294967295"), (.answered, "3600000"), (.answered, "+3600000"), (.answered, "00003600000"),
        ].map { (outcome: HostileCase.Outcome, text: String) in Self.property("expiration is \(text.debugDescription)", outcome) { $0.expiration = text } }
        [
            (.answered, UInt64(0)), (.answered, .max), (.answered, UInt64(1) << 63), (.answered, UInt64(1) << 40 - 1), (.answered, UInt64(Int64.max)),
        ].map { (outcome: HostileCase.Outcome, seconds: UInt64) in Self.property("timestamp is \(seconds)", outcome) { $0.timestamp = seconds } }
        [
            Self.property("timestamp and expiration are long past", .expired) {
                $0.timestamp = 1
                $0.expiration = "3600000"
            },
            Self.property("timestamp and expiration are as late as can be", .answered) {
                $0.timestamp = UInt64(1) << 40 - 1
                $0.expiration = "4294967295"
            },
            Self.property("timestamp is beyond all time, with an expiration", .answered) {
                $0.timestamp = .max
                $0.expiration = "3600000"
            },
        ]
    }

    @HostileCaseList private static var numbers: [HostileCase] {
        [0, 3, 9, 255].map { (mode: UInt8) in
            Self.property("delivery_mode is \(mode)", .stopped) { $0.deliveryMode = mode }
        }
        [0, 9, 10, 255].map { (priority: UInt8) in
            Self.property("priority is \(priority)", .answered) { $0.priority = priority }
        }
        [
            Self.property("delivery_mode is 1", .answered) { $0.deliveryMode = 1 },
            Self.property("delivery_mode is absent", .answered) { $0.deliveryMode = nil },
            Self.property("user_id is another login", .stopped) { $0.userID = "administrator" },
            Self.property("user_id is empty", .stopped) { $0.userID = "" },
            Self.property("app_id and cluster_id are full of NUL", .answered) {
                $0.appID = String(repeating: "\0", count: 255)
                $0.clusterID = String(repeating: "\0", count: 255)
            },
            HostileCase("a dead letter whose properties are full of NUL", .failed) {
                $0.body = Array("\($0.key)".utf8)
                $0.properties.appID = "\0"
                $0.properties.correlationID = "\0"
                $0.properties.type = "\0"
                $0.headers = ["a\0b": .string("c\0d"), "\0": .array(["\0", .void, .double(-0.0), .decimal(decimals: 255, value: .max)])]
            },
        ]
    }

    /// What is not UTF-8, property by property.
    @HostileCaseList private static var bytes: [HostileCase] {
        [
            AMQPRawProperties.Field.contentType, .contentEncoding, .correlationID, .replyTo, .messageID, .type, .appID, .clusterID,
        ].map { field in
            HostileCase("\(String(describing: field)) is not UTF-8", .failed) { draft in draft.spoilBytes { $0[field] = [0x61, 0xFF, 0xC3] } }
        }
        [
            HostileCase("user_id is not UTF-8", .stopped) { draft in draft.spoilBytes { $0[.userID] = [0xFF] } },
            HostileCase("expiration is not UTF-8", .stopped) { draft in draft.spoilBytes { $0[.expiration] = [0xFF] } },
            HostileCase("message_id and correlation_id are not UTF-8", .failed) { draft in
                draft.spoilBytes {
                    $0[.messageID] = [0xFF]
                    $0[.correlationID] = [0xFE]
                }
            },
            HostileCase("no property at all", .failed) { $0.rawProperties = AMQPRawProperties() },
            HostileCase("a routing key that is not UTF-8", .answered) { $0.routingKey = Array("banking.".utf8) + [0xFF, 0xC3] },
            HostileCase("a long routing key that is not UTF-8", .answered) { $0.routingKey = Array("banking.".utf8) + Array(repeating: 0xFF, count: 247) },
            HostileCase("a dead letter with a long routing key that is not UTF-8", .failed) {
                $0.routingKey = Array("banking.".utf8) + Array(repeating: 0xFF, count: 247)
                $0.body = Array($0.key.utf8)
            },
            HostileCase("a routing key of 255 bytes", .failed) {
                $0.routingKey = Array("banking.".utf8) + Array(repeating: 0x78, count: 247)
                $0.body = Array($0.key.utf8)
            },
            HostileCase("a routing key of dots", .answered) { $0.routingKey = Array("banking...........".utf8) },
            HostileCase("a routing key of NUL", .failed) {
                $0.routingKey = Array("banking.\0".utf8)
                $0.body = Array($0.key.utf8)
            },
            HostileCase("past the exchange for requests", .answered) {
                $0.exchange = ""
                $0.routingKey = Array("teller.requests.banking".utf8)
            },
            HostileCase("a dead letter past the exchange for requests", .failed) {
                $0.exchange = ""
                $0.routingKey = Array("teller.requests.banking".utf8)
                $0.body = Array($0.key.utf8)
            },
        ]
    }
}
