import AMQP

/// Queues that a client would have the worker send things to.
enum HostileReplies {
    static func cases(_ observer: HostileObserver) -> [HostileCase] {
        let names: [(HostileCase.Outcome, String)] = [
            (.answered, observer.replyQueue), (.answered, observer.victimQueue), (.answered, "teller.requests.banking"), (.answered, "teller.requests.trading"),
            (.answered, "teller.dead"), (.answered, "teller.retry.60s"), (.answered, "teller.answers"), (.answered, "teller.control"), (.answered, ""),
            (.stopped, "amq.rabbitmq.reply-to"), (.answered, "amq.rabbitmq.reply-to.g1h2AA8ABCDEF.AAAA=="), (.answered, "amq.rabbitmq.reply-to."),
            (.answered, "amq.rabbitmq.trace"), (.answered, "amq.direct"), (.answered, "amq.gen-AAAA"), (.answered, "teller.replies.nobody"), (.answered, "teller.replies.*"),
            (.answered, "teller.replies."), (.answered, "TELLER.REPLIES.\(observer.victimQueue)"), (.answered, " \(observer.replyQueue)"), (.answered, "\(observer.replyQueue) "),
            (.answered, "\(observer.replyQueue)\0"), (.answered, "\(observer.replyQueue)\n"), (.answered, "\(observer.replyQueue),\(observer.victimQueue)"),
            (.answered, "\(observer.replyQueue)\0\(observer.victimQueue)"), (.answered, "teller.replies.\u{202E}x"), (.answered, "teller.replies.中"),
            (.answered, "direct:///\(observer.victimQueue)"), (.answered, "/queue/\(observer.victimQueue)"), (.answered, "http://127.0.0.1/"), (.answered, "\0"),
            (.answered, "teller.replies." + String(repeating: "x", count: 240)), (.answered, String(repeating: "*", count: 255)),
        ]
        return names.map { outcome, name in
            HostileCase("reply_to is \(name.prefix(60).debugDescription)", outcome) { $0.properties.replyTo = name }
        } + names.filter { $0.0 == .answered }.map { _, name in
            HostileCase("a dead letter whose reply_to is \(name.prefix(60).debugDescription)", .failed) {
                $0.properties.replyTo = name
                $0.body = Array($0.key.utf8)
            }
        }
    }
}
