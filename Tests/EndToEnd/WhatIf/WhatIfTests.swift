import AMQP
import Foundation
import Ledger
import Logging
import Postgres
import Teller
import TellerMessages
import Testing

/// What-if on real servers: messages are tried again and nothing comes of it.
@Suite(.serialized) struct WhatIfTests {
    @Test(.timeLimit(.minutes(5))) func `the same model on yesterday's questions answers the same, to the word`() async throws {
        let scene = try await WhatIfScene.shared.value
        for customer in scene.conversations.keys {
            let run = try await scene.tryAnswered(customer, "--as-of", "request", "--fail-on", "any", "--show-text")
            #expect(run.status == 0, "\(run.output)\(run.errors)")
            #expect(run.messages.count == scene.questions(of: customer).count)
            #expect(Set(run.verdicts) == ["same"], "\(run.output)")
            #expect(run.summary["passed"] == true && run.summary["facts_changed"]?.integer == 0)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a worse model is flagged with every figure that it would give otherwise`() async throws {
        let scene = try await WhatIfScene.shared.value
        let model = try WhatIfWorseModel(in: scene.world.folder, stride: 23)
        let questions = scene.questions(of: "C-1001")
        let start = Date().rfc3339
        let before = try await WhatIfScene.ask(questions, from: "C-1001", in: scene.world)
        let run = try await scene.run(
            ["what-if", "--answered", "--customer", "C-1001", "--since", start, "--model", model.folder, "--fail-on", "plan", "--show-text"])
        #expect(run.status == 65 && run.summary["passed"] == false, "\(run.output)\(run.errors)")
        // What it would give is what it does give: the oracle is a worker with that model.
        let given = try await WhatIfScene.ask(questions, from: "C-1001", in: scene.world, ["TELLER_MODEL": model.folder])
        #expect(run.messages.map { $0["request_id"]?.string } == before.map(\.requestID))
        var changes = 0
        for (message, (old, new)) in zip(run.messages, zip(before, given)) {
            let id = old.requestID
            let expected = Self.changes(from: old.facts, to: new.facts)
            #expect(run.figures(of: id) == expected, "\(message)")
            #expect(message["plan"]?.object?["new"] == new.plan?.json)
            #expect((message["verdict"] == "same") == (new.text == old.text && new.plan == old.plan && expected.isEmpty))
            changes += expected.count
        }
        #expect(changes > 0 && run.messages.count == given.count)
    }

    @Test(.timeLimit(.minutes(5))) func `new bookings show in today's figures, and not in those as of the request`() async throws {
        let scene = try await WhatIfScene.shared.value
        try await scene.book("-42.50", on: "A-1001-1")
        let today = try await scene.tryAnswered("C-1001", "--fail-on", "figures")
        #expect(today.status == 65)
        let balance = try #require(scene.answers.values.first { answer in answer.facts.contains { $0.name == "balance" && $0.source.hasSuffix("A-1001-1") } })
        let message = try #require(today[balance.requestID])
        #expect(message["verdict"] == "figures", "\(message)")
        let fact = try #require(message["facts"]?.array?.compactMap(\.object).first { $0["name"] == "balance" })
        #expect(fact["absolute"] == "-42.5" && fact["relative"]?.string?.hasPrefix("-0.") == true, "\(fact)")
        // The savings account was not touched.
        let savings = try #require(scene.answers.values.first { answer in answer.facts.contains { $0.name == "balance" && !$0.source.hasSuffix("A-1001-1") } })
        #expect(!today.figures(of: savings.requestID).contains { $0[0] == "balance" })

        let then = try await scene.tryAnswered("C-1001", "--as-of", "request", "--fail-on", "any", "--show-text")
        #expect(then.status == 0 && Set(then.verdicts) == ["same"], "\(then.output)")
        #expect(then.summary["meaning"]?.string?.contains("reckoned back") == true)
        // The other customer's rows have nothing to do with it.
        #expect(try await scene.tryAnswered("C-1002", "--as-of", "request", "--fail-on", "any").status == 0)
    }

    @Test(.timeLimit(.minutes(5))) func `nothing reaches an exchange`() async throws {
        let scene = try await WhatIfScene.shared.value
        let control = { (arguments: String...) in
            _ = try await WorkerWorld.run(scene.world.services, ["ctl", "--data", scene.world.folder + "/services"] + arguments)
        }
        // The broker copies every message that is published, by anybody, to this exchange.
        let trace = "what-if.trace.\(UUID().uuidString)"
        let connection = try await AMQPConnection.connect(scene.world.broker)
        try await AMQPTopology(
            queues: [.init(trace, arguments: ["x-expires": .int64(600_000)])],
            bindings: [.init(from: "amq.rabbitmq.trace", to: .queue(trace), routingKey: "publish.#")]
        ).apply(on: connection)
        await connection.close()
        try await control("trace_on")
        _ = try await scene.run(["what-if", "--state", "all"])
        _ = try await scene.tryAnswered("C-1001", "--as-of", "request")
        #expect(try await scene.world.messages(in: trace) == 0)
        // That it would have been seen.
        try await AMQPPublisher.with(scene.world.broker) { publisher in
            try await publisher.publish(AMQPMessage(body: [1]), exchange: "", routingKey: trace, timeout: .seconds(30))
        }
        try await control("trace_off")
        #expect(try await scene.world.messages(in: trace) == 2)
    }

    @Test(.timeLimit(.minutes(5))) func `a dead letter whose cause is gone would be answered, and stays a dead letter`() async throws {
        let scene = try await WhatIfScene.shared.value
        try await scene.sql("ALTER TABLE ledger.transactions RENAME TO transactions_away")
        let failed = try await WorkerProcess.with(in: scene.world) { _ in
            try await WorkerRequester.with(in: scene.world) { requester in
                try await requester.ask(try await requester.request { $0.body.plan = ToolCall(tool: "transactions.search") })
            }
        }
        try await scene.sql("ALTER TABLE ledger.transactions_away RENAME TO transactions")
        #expect(failed.status == .failed)
        let run = try await scene.run(["what-if", "--request", failed.requestID])
        let message = try #require(run[failed.requestID], "\(run.errors)")
        #expect(message["verdict"] == "answered" && message["failure_id"] != nil)
        #expect(message["status"] == ["old": "failed", "new": "answered"])
        #expect(message["facts"]?.array?.isEmpty == false)
        #expect(try await scene.world.count("SELECT count(*) FROM teller.failures WHERE request_id = '\(failed.requestID)' AND state = 'open'") == 1)
    }

    @Test(.timeLimit(.minutes(5))) func `a message that no worker can read is tried, and is as bad as before`() async throws {
        let scene = try await WhatIfScene.shared.value
        let failed = try await WorkerProcess.with(in: scene.world) { _ in
            try await WorkerRequester.with(in: scene.world) { requester in
                try await requester.ask(try await requester.request { $0.body.plan = ToolCall(tool: "accounts.drop") })
            }
        }
        let run = try await scene.run(["what-if", "--request", failed.requestID, "--fail-on", "any"])
        #expect(run.status == 0 && run.verdicts == ["same"], "\(run.output)\(run.errors)")
    }

    @Test(.timeLimit(.minutes(5))) func `an id that two customers used shows neither the other's rows`() async throws {
        let scene = try await WhatIfScene.shared.value
        let answered = try #require(scene.answers.values.first { scene.customers[$0.requestID] == "C-1001" && !$0.facts.isEmpty })
        let conflict = try await WorkerProcess.with(in: scene.world) { _ in
            try await WorkerRequester.with(in: scene.world) { requester in
                try await requester.ask(
                    try await requester.request(answered.requestID, from: "C-1002") {
                        $0.correlationID = UUID().uuidString
                        $0.body.plan = ToolCall(tool: "accounts.list")
                    })
            }
        }
        #expect(conflict.status == .failed)
        let run = try await scene.run(["what-if", "--customer", "C-1002", "--request", answered.requestID, "--show-text"])
        let message = try #require(run.messages.first, "\(run.errors)")
        #expect(run.messages.count == 1 && message["verdict"] == "answered")
        #expect(run.output.contains("A-1002") && !run.output.contains("A-1001"))
        #expect(message["words"]?.object?["old"] == .null)
    }

    @Test(.timeLimit(.minutes(5))) func `the customer's words show only when asked for, and the audit says so`() async throws {
        let scene = try await WhatIfScene.shared.value
        let model = try WhatIfWorseModel(in: scene.world.folder, stride: 23)
        let count = "SELECT count(*) FROM teller.audit WHERE action = 'what-if-with-text'"
        let before = try await scene.world.count(count)
        let quiet = try await scene.tryAnswered("C-1001", "--model", model.folder)
        #expect(try await scene.world.count(count) == before)
        let open = try await scene.tryAnswered("C-1001", "--model", model.folder, "--show-text")
        #expect(try await scene.world.count(count) == before + open.messages.count)
        for answer in scene.answers.values where scene.customers[answer.requestID] == "C-1001" {
            let text = JSONValue.string(answer.text).text
            #expect(open.output.contains(text) && !quiet.output.contains(text))
        }
        #expect(open.output.lowercased().contains("netflix") && !quiet.output.lowercased().contains("netflix"))
        #expect(quiet.verdicts == open.verdicts)
    }

    @Test(.timeLimit(.minutes(5))) func `a session that could write is refused, and one that cannot does not`() async throws {
        let scene = try await WhatIfScene.shared.value
        let settings = try await SettingsSource(environment: scene.world.environment)
        let model = try TellerConfiguration.ModelSettings(reading: settings)
        let key = try TicketKey(contentsOfFile: settings.ticketKeyFile())
        var configuration = try settings.postgres()
        await #expect(throws: RehearsalError.writable) {
            try await PostgresClient.withClient(configuration, logger: Logger(label: "test")) { client in
                _ = try await RequestRehearsal(model: model, postgres: client, ticketKey: key)
            }
        }
        configuration.isReadOnly = true
        try await PostgresClient.withClient(configuration, logger: Logger(label: "test")) { client in
            _ = try await RequestRehearsal(model: model, postgres: client, ticketKey: key)
            let error = await #expect(throws: PostgresError.self) { try await client.query("INSERT INTO teller.audit (action) VALUES ('x')") }
            #expect(error?.sqlState == "25006")
        }
    }

    /// The changes between facts, told apart by name alone: an oracle that knows nothing of how the report compares.
    private static func changes(from old: [Fact], to new: [Fact]) -> Set<[String]> {
        func values(_ facts: [Fact]) -> [String: String] { Dictionary(facts.map { ($0.name, $0.value) }) { $1 } }
        let (before, after) = (values(old), values(new))
        return Set(
            Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.map { [$0, before[$0] ?? "none", after[$0] ?? "none"] })
    }
}

extension WhatIfScene {
    /// Runs statements as the database's superuser.
    func sql(_ statements: String) async throws {
        _ = try await WorkerWorld.run(self.world.services, ["psql", "--data", self.world.folder + "/services", "-Atc", statements])
    }

    /// Posts a movement now, as a core banking system would: the transaction, and the balance that follows.
    func book(_ amount: String, on account: String) async throws {
        try await self.sql(
            """
            BEGIN;
            INSERT INTO ledger.transactions (transaction_id, customer_id, account_id, posted_at, amount, currency, balance_after,
                merchant, description, category)
            SELECT 'what-if-' || gen_random_uuid(), customer_id, account_id, now(), \(amount), currency, balance + \(amount),
                'Netflix', 'NETFLIX.COM', 'entertainment'
            FROM ledger.accounts WHERE account_id = '\(account)';
            UPDATE ledger.accounts SET balance = balance + \(amount), available = available + \(amount), as_of = now()
            WHERE account_id = '\(account)';
            COMMIT;
            """)
    }
}
