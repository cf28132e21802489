import ArgumentParser
import Foundation
import Teller
import TellerClient
import TellerMessages

/// `teller ask`
struct AskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Publish a request and print its answer.",
        discussion: """
            Asks as an integrating system would: over the queue, awaiting the answer on a queue of its own. The customer is proven \
            by --token (or TELLER_TOKEN), or by a token signed here with the private key in TELLER_SIGNING_KEY_FILE, which is for \
            demonstrations; workers with TELLER_AUTH=broker need neither.

              teller ask "What is my checking balance?" --customer C-1001
              teller ask "我上个月花了多少钱？" --customer C-1003 --output json
            """)

    @Argument(help: "The customer's question.")
    var question: String

    @Option(help: "The customer who asks.")
    var customer: String

    @Option(help: "The conversation; questions may refer to earlier ones in it.")
    var conversation: String?

    @Option(help: "The request's id; the same id again gives the same answer.")
    var id: String?

    @Option(help: "The account that the question is about.")
    var account: String?

    @Option(help: "BCP 47 language tag of the customer, such as en-US or zh-CN.")
    var locale: String?

    @Option(help: ArgumentHelp("A plan, which skips planning: {\"tool\": …, \"arguments\": {…}}.", valueName: "json"))
    var plan: String?

    @Flag(help: "Word the answer from its facts, without inference.")
    var plain = false

    @Option(help: "A signed token (JWT) that proves the customer.")
    var token: String?

    @Option(help: "The routing key: banking.… or trading.….")
    var routingKey = "banking.chat"

    @Option(help: "Seconds to wait for the answer.")
    var timeout = 30

    @OptionGroup var options: CommandOptions

    func validate() throws {
        guard (1...3600).contains(self.timeout) else { throw ValidationError("--timeout takes 1 to 3600 seconds") }
    }

    func run() async throws {
        try await reportingFailure {
            let settings = try await self.options.settings()
            var body = ChatRequest.Body(
                conversationID: self.conversation ?? UUID().uuidString.lowercased(), customerID: self.customer,
                question: self.question)
            body.accountID = self.account
            body.locale = self.locale
            body.plan = try self.plan.map { try ToolCall(parsing: $0) }
            body.wantsPlainWording = self.plain
            let checked = try ChatRequest.Body(decoding: body.json.serialized)
            let request = ChatRequest(
                id: self.id ?? UUID().uuidString.lowercased(), deadline: Date().addingTimeInterval(Double(self.timeout)),
                token: try await self.customerToken(settings.text("token"), signingKey: settings.text("signing.key"), settings.text("jwt.audience")),
                body: checked)
            let start = ContinuousClock.now
            let (answer, bytes) = try await ChatClient.withConnection(to: try settings.amqp(), logger: self.options.logger()) { client in
                try await client.ask(request, routingKey: self.routingKey, timeout: .seconds(self.timeout))
            }
            if self.options.output == .json {
                print(String(decoding: bytes, as: UTF8.self))
            } else {
                print(answer.page(after: start.duration(to: .now)))
            }
            if answer.status != .answered { throw ExitStatus.data }
        }
    }

    private func customerToken(_ given: String?, signingKey: String?, _ audience: String?) async throws -> String? {
        if let token = self.token ?? given { return token }
        guard let signingKey else { return nil }
        return try await CustomerToken.sign(customer: self.customer, audience: audience ?? "teller", privateKeyPEM: signingKey)
    }
}

extension ChatAnswer {
    /// The answer for a person to read: the text, then what it rests on.
    fileprivate func page(after time: Duration) -> String {
        var lines = [self.text, ""]
        for fact in self.facts {
            lines.append("  \(fact.name): \(fact.value)\(fact.unit.map { " \($0)" } ?? "")   [\(fact.source), as of \(fact.asOf.rfc3339)]")
        }
        for disclosure in self.disclosures { lines.append("  * \(disclosure)") }
        if let plan = self.plan { lines.append("  plan: \(plan.tool) \(JSONValue.object(plan.arguments).text)") }
        if let problem = self.problem { lines.append("  \(problem.title) \(problem.detail ?? "")") }
        if let model = self.model { lines.append("  model: \(model.name) \(model.revision), \(model.weights)") }
        let milliseconds = Int(time / .milliseconds(1))
        let stages = self.timing.map { "\($0.stage) \($0.milliseconds)" }.joined(separator: ", ")
        lines.append("  \(self.status.rawValue) in \(milliseconds) ms (ms in the worker: \(stages))")
        return lines.joined(separator: "\n")
    }
}
