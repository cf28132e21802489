import AMQP
import Foundation
import TellerMessages
import Testing

/// Questions that a worker with the embedded model answered, to be tried again: the workers' own bank, with no worker running.
struct WhatIfScene: Sendable {
    static let shared = Task { try await WhatIfScene() }

    /// One conversation of each customer, whose later questions lean on the earlier ones.
    private static let questions = [
        "C-1001": [
            "What is my checking account balance?", "and my savings?", "How much did I spend at Netflix last month?",
            "show my last three transactions", "How much did I spend last month?",
        ],
        "C-1002": ["我的余额是多少？", "上个月我在星巴克花了多少钱？", "我想了解股票投资的风险"],
    ]

    let world: WorkerWorld
    /// The conversation of each customer.
    let conversations: [String: String]
    /// The answers that were given, by request.
    let answers: [String: ChatAnswer]
    let customers: [String: String]

    private init() async throws {
        let world = try await WorkerWorld.shared.value
        try await Self.awaitQuietClock()
        self.world = world
        self.conversations = Self.questions.mapValues { _ in "what-if-\(UUID().uuidString.lowercased())" }
        var answers: [String: ChatAnswer] = [:]
        var customers: [String: String] = [:]
        for (customer, conversation) in self.conversations {
            for answer in try await Self.ask(Self.questions[customer] ?? [], from: customer, conversation, in: world) {
                answers[answer.requestID] = answer
                customers[answer.requestID] = customer
            }
        }
        self.answers = answers
        self.customers = customers
    }

    /// Has a worker answer questions one after the other.
    ///
    /// - Parameter conversation: Theirs; without one each question begins its own.
    static func ask(
        _ questions: [String], from customer: String, _ conversation: String? = nil, in world: WorkerWorld, _ settings: [String: String] = [:]
    ) async throws -> [ChatAnswer] {
        try await WorkerProcess.with(in: world, settings) { _ in
            try await WorkerRequester.with(in: world) { requester in
                var answers: [ChatAnswer] = []
                for question in questions {
                    let request = try await requester.request(from: customer, question: question) {
                        $0.body.conversationID = conversation ?? $0.body.conversationID
                        $0.body.plan = nil
                        $0.body.wantsPlainWording = false
                    }
                    answers.append(try await requester.ask(request))
                }
                return answers
            }
        }
    }

    func questions(of customer: String) -> [String] { Self.questions[customer] ?? [] }

    /// A day must not end between an answer and its repetition. Days end on the full hour where these customers live.
    private static func awaitQuietClock() async throws {
        let left = 3600 - Date().timeIntervalSince1970.truncatingRemainder(dividingBy: 3600)
        if left < 100 { try await Task.sleep(for: .seconds(left + 1)) }
    }

    /// Tries again what was answered in a customer's conversation, and expects that nothing came of it.
    func tryAnswered(_ customer: String, _ arguments: String..., settings: [String: String] = [:]) async throws -> WhatIfRun {
        let selection = ["--answered", "--conversation", self.conversations[customer] ?? ""]
        return try await self.run(["what-if"] + selection + arguments, settings)
    }

    /// Runs a what-if, and expects the database and the broker to be afterwards what they were before, but for the audit.
    func run(_ arguments: [String], _ settings: [String: String] = [:]) async throws -> WhatIfRun {
        let before = try await WhatIfTrace(of: self.world)
        let run = try await WhatIfRun(arguments, in: self.world.environment.merging(settings) { $1 })
        let after = try await WhatIfTrace(of: self.world)
        #expect(after.tables == before.tables, "\(run.errors)")
        #expect(after.depths == before.depths)
        // Looking itself takes one connection.
        #expect(after.connections == before.connections + 1)
        if run.summary["messages"] != nil { #expect(after.audit == before.audit + run.messages.count + 2, "\(run.errors)") }
        return run
    }
}
