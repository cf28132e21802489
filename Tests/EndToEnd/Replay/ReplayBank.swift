import Foundation
import TellerMessages
import Testing

/// A bank whose ledger can be broken and mended, so that requests fail for a reason that goes away.
struct ReplayBank: Sendable {
    let world: WorkerWorld
    let requester: WorkerRequester
    let tool: ReplayTool

    /// Runs the body with a bank, an operator's tool and a worker.
    static func with<Result: Sendable>(
        workers: Int = 1, _ body: @escaping @Sendable (ReplayBank) async throws -> Result
    ) async throws -> Result {
        let world = try await WorkerWorld.shared.value
        try await Self.mend(world)
        return try await WorkerProcess.with(workers, in: world) { _ in
            try await WorkerRequester.with(in: world) { requester in
                try await body(ReplayBank(world: world, requester: requester, tool: ReplayTool(world: world)))
            }
        }
    }

    /// Takes a column away that every answer about balances needs: requests are dead letters at once.
    func breakLedger() async throws {
        try await Self.change(self.world, "ALTER TABLE ledger.accounts RENAME COLUMN balance TO missing")
    }

    func mend() async throws { try await Self.mend(self.world) }

    private static func mend(_ world: WorkerWorld) async throws {
        try await Self.change(
            world,
            """
            DO $$ BEGIN
                ALTER TABLE ledger.accounts RENAME COLUMN missing TO balance;
            EXCEPTION WHEN undefined_column THEN NULL; END $$
            """)
    }

    private static func change(_ world: WorkerWorld, _ statement: String) async throws {
        try await WorkerWorld.run(world.services, ["psql", "--data", world.folder + "/services", "-qAtc", statement])
    }

    /// Publishes requests to the broken ledger, and returns them when each was answered as failed.
    ///
    /// - Parameter conversation: One conversation for all of them, in their order; else each has its own.
    func failing(
        _ count: Int, conversation: String? = nil, _ change: @escaping (Int, inout ChatRequest) -> Void = { _, _ in }
    ) async throws -> [ChatRequest] {
        try await self.breakLedger()
        var requests: [ChatRequest] = []
        for number in 0..<count {
            let customer = conversation == nil ? "C-100\(number % 6 + 1)" : "C-1001"
            let request = try await self.requester.request(from: customer) {
                if let conversation { $0.body.conversationID = conversation }
                change(number, &$0)
            }
            requests.append(request)
            try await self.requester.publish(request)
        }
        #expect(try await self.requester.statuses(of: requests.map(\.id)) == [.failed])
        return requests
    }

    /// As ``failing(_:conversation:_:)``, with the ledger mended after it.
    func deadLetters(_ count: Int, conversation: String? = nil) async throws -> [ChatRequest] {
        let requests = try await self.failing(count, conversation: conversation)
        try await self.mend()
        return requests
    }

    /// What selects the dead letters that failed as this one did, and not before it.
    func group(of request: ChatRequest) async throws -> [String] {
        let ended = try await self.tool.start(["show", request.id]).end()
        let letter = try JSONValue(parsing: Array(ended.output.utf8), maximumSize: 1 << 22).array?.first?.object
        let fingerprint = try #require(letter?["fingerprint"]?.string, "\(ended)")
        let failed = try #require(letter?["first_failed_at"]?.string.flatMap { Date(rfc3339: $0) })
        return ["--fingerprint", fingerprint, "--since", failed.addingTimeInterval(-0.5).rfc3339]
    }

    /// A number about the requests, whose ids are `ids` in the query.
    func count(_ query: String, _ requests: [ChatRequest]) async throws -> Int {
        let list = requests.map { "'\($0.id)'" }.joined(separator: ",")
        return try await self.world.count("WITH wanted (ids) AS (SELECT ARRAY[\(list)]::text[]) \(query)")
    }

    /// Carries out a plan whose messages are all answered.
    func replay(_ plan: String) async throws {
        let ended = try await self.tool.dead("replay", plan)
        #expect(ended.status == 0, "\(ended)")
    }

    /// All answers to a request, when there are as many as expected.
    func answers(_ count: Int, to request: ChatRequest) async throws -> [ChatAnswer] {
        let deadline = ContinuousClock.now + .seconds(10)
        while self.requester.answers(to: request.id).count < count {
            try #require(ContinuousClock.now < deadline, "\(request.id) has fewer than \(count) answers")
            try await Task.sleep(for: .milliseconds(10))
        }
        return try self.requester.answers(to: request.id).map { try $0.answer }
    }

    /// Expects that each request has its failed answer and one that supersedes it, was tried twice, and that the requester got each
    /// answer once: no copy was sent twice, and none computed twice.
    func expectReplayedOnce(_ requests: [ChatRequest]) async throws {
        for request in requests {
            let answers = try await self.answers(2, to: request)
            #expect(answers.map(\.status) == [.failed, .answered])
            #expect(answers.map(\.version) == [1, 2] && answers.last?.supersedes == answers.first?.id)
            #expect(Set(answers.map(\.id)).count == 2)
        }
        #expect(try await self.count("SELECT count(*) FROM teller.answers, wanted WHERE request_id = ANY (ids)", requests) == 2 * requests.count)
        #expect(try await self.count("SELECT sum(attempt) FROM teller.requests, wanted WHERE request_id = ANY (ids)", requests) == 2 * requests.count)
        #expect(
            try await self.count(
                "SELECT count(*) FROM teller.failures, wanted WHERE request_id = ANY (ids) AND state <> 'replayed'", requests) == 0)
    }
}
