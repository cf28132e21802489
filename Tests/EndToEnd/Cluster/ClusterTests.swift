import AMQP
import EventLoops
import Foundation
import FoundationNetworking
import Teller
import TellerMessages
import Testing

/// The worker on a cluster of three nodes that lose their leader, their peers or all but one.
@Suite(.serialized, ClusterWorld(), .timeLimit(.minutes(5))) struct ClusterTests {
    private static let requests = "teller.requests.banking"

    private let world: WorkerWorld

    init() throws { self.world = try #require(ClusterWorld.current) }

    private func withLoad<Result: Sendable>(_ body: (ClusterLoad) async throws -> Result) async throws -> Result {
        try await WorkerProcess.with(in: self.world) { workers in
            try await WorkerRequester.with(in: self.world) { requester in
                let result = try await body(ClusterLoad(world: self.world, requester: requester))
                for worker in workers { #expect(worker.isRunning) }
                return result
            }
        }
    }

    @Test func `each queue has a member on every node, and the nodes share the leading`() async throws {
        let queues = try await self.world.queues()
        #expect(Set(queues.map(\.name)).isSuperset(of: AMQPTopology.teller.queues.map(\.name)))
        #expect(queues.allSatisfy { $0.members == [1, 2, 3] })
        #expect(Set(queues.map(\.leader)).count > 1)
        let connection = try await AMQPConnection.connect(self.world.broker)
        #expect(try await AMQPTopology.teller.check(on: connection).isEmpty)
        await connection.close()
    }

    @Test func `the death of the node that a worker is connected to loses nothing`() async throws {
        let outcome = try await self.withLoad { load in
            try await load.through("node of the worker killed") {
                let node = try await self.world.nodeOfConsumer(of: Self.requests)
                try await self.world.service("kill-broker", String(node))
                try await Task.sleep(for: .seconds(3))
                try await self.world.service("start")
            }
        }
        #expect(outcome.silence < .seconds(30))
    }

    @Test func `the death of the node that leads the requests' queue loses nothing that is in flight`() async throws {
        let outcome = try await self.withLoad { load in
            try await load.through("leader killed") {
                let node = try await self.world.leader(of: Self.requests)
                try await self.world.service("kill-broker", String(node))
                try await Task.sleep(for: .seconds(3))
                try await self.world.service("start")
            }
        }
        #expect(outcome.silence < .seconds(30))
    }

    @Test func `without a majority nothing is acknowledged and readiness is red, and with it all is answered`() async throws {
        let port = try await self.world.httpPort()
        try await WorkerProcess.with(in: self.world, ["TELLER_HTTP_PORT": String(port)]) { workers in
            try await WorkerRequester.with(in: self.world) { requester in
                let load = ClusterLoad(world: self.world, requester: requester)
                let outcome = try await load.through("majority lost") {
                    try await amqpEventually("ready") { await Self.isReady(at: port) }
                    let lost = Set([1, 2, 3]).subtracting([try await self.world.nodeOfConsumer(of: Self.requests)])
                    for node in lost { try await self.world.service("kill-broker", String(node)) }
                    // What was on its way when the second node died has come by then.
                    try await Task.sleep(for: .seconds(2))
                    let answers = requester.times.count
                    try await amqpEventually("not ready") { await !Self.isReady(at: port) }
                    try await Task.sleep(for: .seconds(2))
                    #expect(requester.times.count == answers)
                    try await self.world.service("start")
                }
                try await amqpEventually("ready again") { await Self.isReady(at: port) }
                for worker in workers { #expect(worker.isRunning) }
                #expect(outcome.silence < .seconds(60))
            }
        }
    }

    private static func isReady(at port: Int) async -> Bool {
        guard let url = URL(string: "http://127.0.0.1:\(port)/readyz"),
            let (_, response) = try? await URLSession.shared.data(from: url)
        else { return false }
        return (response as? HTTPURLResponse)?.statusCode == 200
    }

    @Test func `a restart of each node in turn loses nothing and counts no failure`() async throws {
        let outcome = try await self.withLoad { load in
            try await load.through("nodes restarted in turn") {
                for node in 1...3 {
                    try await self.world.service("restart-broker", String(node))
                    try await self.world.allMembersOnline()
                }
            }
        }
        #expect(outcome.silence < .seconds(30))
    }
}
