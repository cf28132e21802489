import AMQP
import Ledger
import Teller
import TellerMessages

/// The requests of one measurement: a given plan and plain wording, so that nothing is inferred, and a conversation each, so
/// that none waits for another.
struct BenchQueueLoad: Sendable {
    /// A measurement's own queues, of the types that the real ones have. Should nobody delete them, the broker does.
    struct Queues: Sendable {
        let requests: AMQPTopology.Queue
        let replies: AMQPTopology.Queue

        init(named name: String) {
            let real = AMQPTopology.teller.queues.first { $0.name == "teller.requests.banking" }
            var arguments = real?.arguments ?? [:]
            arguments["x-expires"] = .int64(3_600_000)
            self.requests = .quorum("teller.bench.\(name)", arguments: arguments)
            self.replies = .quorum("teller.replies.bench.\(name)", arguments: ["x-expires": .int64(3_600_000)])
        }

        var topology: AMQPTopology { AMQPTopology(queues: [self.requests, self.replies]) }
    }

    /// What every request's id starts with.
    let prefix: String
    let queues: Queues

    init(run: String, contender: BenchQueueContender) {
        self.prefix = "bench-\(run)-\(contender.label)-"
        self.queues = Queues(named: "\(run).\(contender.label)")
    }

    func id(_ number: Int) -> String { "\(self.prefix)\(number)" }

    func message(_ number: Int) -> AMQPMessage {
        let id = self.id(number)
        let customer = DemoLedger.customerIDs[number % DemoLedger.customerIDs.count]
        var body = ChatRequest.Body(conversationID: id, customerID: customer, question: "What is my checking balance?")
        body.locale = "en-US"
        body.plan = ToolCall(tool: "account.balance", arguments: ["account": "checking"])
        body.wantsPlainWording = true
        var request = ChatRequest(id: id, body: body)
        request.replyTo = self.queues.replies.name
        var message = request.message
        // The loop with SQL reads the customer here rather than in the body.
        message.properties.appID = customer
        return message
    }

    /// Publishes requests and returns when the broker has confirmed them all.
    func publish(_ numbers: Range<Int>, with publisher: AMQPPublisher) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in numbers {
                if number - numbers.lowerBound >= 512 { try await group.next() }
                group.addTask {
                    try await publisher.publish(self.message(number), exchange: "", routingKey: self.queues.requests.name)
                }
            }
            try await group.waitForAll()
        }
    }
}
