import Testing

@testable import Postgres

/// The protocol of a connection without the connection.
@Suite struct PostgresPipelineTests {
    private typealias Pipeline = PostgresPipeline<Int, String>
    private static let statement = PostgresStep(role: .statement)
    private static let transaction = [PostgresStep(role: .begin), statement, statement, PostgresStep(role: .commit)]
    private static let violation = PostgresError(code: .server, sqlState: "23505", message: "")
    private static let shutdown = PostgresError(code: .server, sqlState: "57P01", message: "")

    /// Feeds events, and returns what they settled.
    private func feed(_ pipeline: inout Pipeline, _ events: Pipeline.Event...) throws -> [Pipeline.Settlement] {
        try events.compactMap { event in
            if case .settled(let settlement) = try pipeline.receive(event) { settlement } else { nil }
        }
    }

    @Test func `answers go to those who asked, in their order`() throws {
        var pipeline = Pipeline()
        for token in 1...3 { pipeline.append(token, steps: [Self.statement]) }
        let settled = try self.feed(
            &pipeline, .done("a"), .synchronised, .done("b"), .synchronised, .done("c"), .synchronised)
        #expect(settled.map(\.token) == [1, 2, 3])
        #expect(try settled.map { try $0.outcome.get() } == [["a"], ["b"], ["c"]])
        #expect(pipeline.isEmpty)
    }

    @Test func `an error in the middle leaves the neighbours unharmed`() throws {
        var pipeline = Pipeline()
        for token in 1...3 { pipeline.append(token, steps: [Self.statement]) }
        let settled = try self.feed(
            &pipeline, .done("a"), .synchronised, .failed(Self.violation), .synchronised, .done("c"), .synchronised)
        #expect(try settled[0].outcome.get() == ["a"])
        #expect(throws: Self.violation) { try settled[1].outcome.get() }
        #expect(try settled[2].outcome.get() == ["c"])
    }

    @Test func `the first error of a transaction is its outcome, and the rest is skipped`() throws {
        var pipeline = Pipeline()
        pipeline.append(1, steps: Self.transaction)
        let settled = try self.feed(&pipeline, .done(""), .failed(Self.violation), .skipped, .skipped, .synchronised)
        #expect(throws: Self.violation) { try settled[0].outcome.get() }
    }

    @Test func `a transaction returns the rows of its statements only`() throws {
        var pipeline = Pipeline()
        pipeline.append(1, steps: Self.transaction)
        let settled = try self.feed(&pipeline, .done(""), .done("a"), .done("b"), .done(""), .synchronised)
        #expect(try settled[0].outcome.get() == ["a", "b"])
    }

    @Test func `a connection lost before the answer to COMMIT leaves it ambiguous`() throws {
        for answered in 0...3 {
            var pipeline = Pipeline()
            pipeline.append(1, steps: Self.transaction)
            for _ in 0..<answered { _ = try pipeline.receive(.done("")) }
            let lost = pipeline.lose { _ in PostgresError(code: .connectionLost, message: "") }
            #expect(self.code(of: lost[0]) == .commitAmbiguous)
        }
    }

    @Test func `a connection lost after the answer to COMMIT changes nothing`() throws {
        var pipeline = Pipeline()
        pipeline.append(1, steps: Self.transaction)
        for rows in ["", "a", "b", ""] { _ = try pipeline.receive(.done(rows)) }
        let lost = pipeline.lose { _ in PostgresError(code: .connectionLost, message: "") }
        #expect(try lost[0].outcome.get() == ["a", "b"])
    }

    @Test func `a connection lost after an error leaves the error`() throws {
        var pipeline = Pipeline()
        pipeline.append(1, steps: Self.transaction)
        _ = try self.feed(&pipeline, .done(""), .failed(Self.violation))
        let lost = pipeline.lose { _ in PostgresError(code: .connectionLost, message: "") }
        #expect(throws: Self.violation) { try lost[0].outcome.get() }
    }

    @Test func `a server that goes away during COMMIT leaves it ambiguous, and before COMMIT does not`() throws {
        for (answered, code) in [(3, PostgresError.Code.commitAmbiguous), (2, .server)] {
            var pipeline = Pipeline()
            pipeline.append(1, steps: Self.transaction)
            for _ in 0..<answered { _ = try pipeline.receive(.done("")) }
            _ = try pipeline.receive(.failed(Self.shutdown))
            let lost = pipeline.lose { _ in PostgresError(code: .connectionLost, message: "") }
            #expect(self.code(of: lost[0]) == code)
        }
    }

    @Test func `a constraint that fails at COMMIT is no ambiguity`() throws {
        var pipeline = Pipeline()
        pipeline.append(1, steps: Self.transaction)
        let settled = try self.feed(
            &pipeline, .done(""), .done(""), .done(""), .failed(Self.violation), .synchronised)
        #expect(throws: Self.violation) { try settled[0].outcome.get() }
    }

    @Test func `a COMMIT that rolled back is an error`() throws {
        var pipeline = Pipeline()
        pipeline.append(1, steps: [PostgresStep(role: .commit)])
        let settled = try self.feed(&pipeline, .rolledBack, .synchronised)
        #expect(self.code(of: settled[0]) == .transactionAborted)
    }

    @Test func `each of those under way is told why`() {
        var pipeline = Pipeline()
        for token in 1...3 { pipeline.append(token, steps: [Self.statement]) }
        let lost = pipeline.lose { PostgresError(code: $0 == 2 ? .deadline : .connectionLost, message: "") }
        #expect(lost.map(self.code) == [.connectionLost, .deadline, .connectionLost])
        #expect(pipeline.isEmpty)
    }

    @Test func `a prepared statement exists once the server says so, and not when it was skipped`() throws {
        let prepare = PostgresStep(role: .prepare, prepared: 7)
        let use = PostgresStep(role: .statement, prepared: 7)
        for (events, exists) in [
            ([Pipeline.Event.done("")], true), ([.failed(Self.violation)], false), ([.skipped], false),
        ] {
            var pipeline = Pipeline()
            pipeline.append(1, steps: [prepare, use])
            for event in events {
                guard case .prepared(7, exists) = try pipeline.receive(event) else {
                    Issue.record("\(event) says nothing about the statement")
                    continue
                }
            }
        }
    }

    @Test(arguments: ["26000", "0A000"])
    func `a plan that went stale is forgotten and can be tried again`(sqlState: String) throws {
        var pipeline = Pipeline()
        pipeline.append(1, steps: [PostgresStep(role: .statement, prepared: 7)])
        guard
            case .prepared(7, exists: false) = try pipeline.receive(
                .failed(PostgresError(code: .server, sqlState: sqlState, message: "")))
        else {
            Issue.record("the statement is not forgotten")
            return
        }
        let settled = try self.feed(&pipeline, .synchronised)
        #expect(self.code(of: settled[0]) == .stalePlan)
    }

    @Test func `a feature that is not supported is no stale plan`() throws {
        var pipeline = Pipeline()
        pipeline.append(
            1, steps: [PostgresStep(role: .prepare, prepared: 7), PostgresStep(role: .statement, prepared: 7)])
        let settled = try self.feed(
            &pipeline, .done(""), .failed(PostgresError(code: .server, sqlState: "0A000", message: "")), .synchronised)
        #expect(self.code(of: settled[0]) == .server)
    }

    @Test func `an answer that nobody asked for ends the connection`() {
        var pipeline = Pipeline()
        #expect(throws: PostgresError.self) { try pipeline.receive(.done("")) }
        pipeline.append(1, steps: [Self.statement])
        #expect(throws: PostgresError.self) { try pipeline.receive(.synchronised) }
    }

    private func code(of settlement: Pipeline.Settlement) -> PostgresError.Code? {
        if case .failure(let error) = settlement.outcome { error.code } else { nil }
    }
}
