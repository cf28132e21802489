import AMQP
import Foundation
import Testing

@Suite(.timeLimit(.minutes(1))) struct AMQPTopologyTests {
    private let broker: AMQPTestBroker
    private let prefix = "e2e.\(UUID().uuidString)"

    init() throws { self.broker = try AMQPTestBroker.shared() }

    private var topology: AMQPTopology {
        AMQPTopology(
            exchanges: [.init("\(self.prefix).in", .topic), .init("\(self.prefix).out", .fanout)],
            queues: [
                .quorum("\(self.prefix).q"), .init("\(self.prefix).classic", arguments: ["x-message-ttl": 60_000]),
            ],
            bindings: [
                .init(from: "\(self.prefix).in", to: .queue("\(self.prefix).q"), routingKey: "a.#"),
                .init(from: "\(self.prefix).in", to: .exchange("\(self.prefix).out"), routingKey: "a.#"),
                .init(from: "\(self.prefix).out", to: .queue("\(self.prefix).classic"), routingKey: ""),
            ])
    }

    @Test func `a topology is applied, twice without harm, routes, and is deleted`() async throws {
        let connection = try await AMQPConnection.connect(self.broker.configuration)
        #expect(try await self.topology.check(on: connection).map(\.kind) == [.missing, .missing, .missing, .missing])
        try await self.topology.apply(on: connection)
        try await self.topology.apply(on: connection)
        #expect(try await self.topology.check(on: connection).isEmpty)

        let channel = try await connection.openChannel()
        try await channel.selectConfirms()
        try await channel.publish(AMQPMessage(body: [1]), exchange: "\(self.prefix).in", routingKey: "a.b")
        for queue in ["q", "classic"] { #expect(try await channel.get("\(self.prefix).\(queue)")?.body == [1]) }
        try await channel.unbind(self.topology.bindings[0])
        try await channel.unbind(self.topology.bindings[1])
        let error = await #expect(throws: AMQPError.self) {
            try await channel.publish(AMQPMessage(body: [2]), exchange: "\(self.prefix).in", routingKey: "a.b")
        }
        #expect(error?.code == .unroutable)
        #expect(try await channel.purgeQueue("\(self.prefix).q") == 0)

        try await self.topology.delete(on: connection)
        #expect(try await self.topology.check(on: connection).count == 4)
        await connection.close()
    }

    @Test func `check tells what differs, changes nothing and leaves other channels alone`() async throws {
        let connection = try await AMQPConnection.connect(self.broker.configuration)
        let channel = try await connection.openChannel()
        try await channel.declareQueue(.init("\(self.prefix).q"))
        try await channel.declareExchange(.init("\(self.prefix).in", .direct))
        let differences = try await self.topology.check(on: connection)
        #expect(differences.map(\.kind) == [.different, .missing, .different, .missing])
        #expect(differences[2].subject == "queue \(self.prefix).q")
        #expect(try await channel.messageCount("\(self.prefix).q") == 0)
        try await self.topology.delete(on: connection)
        await connection.close()
    }

    @Test func `a declaration that differs closes its channel with 406`() async throws {
        let connection = try await AMQPConnection.connect(self.broker.configuration)
        let channel = try await connection.openChannel()
        try await channel.declareQueue(.init("\(self.prefix).q"))
        let error = await #expect(throws: AMQPError.self) {
            try await channel.declareQueue(.quorum("\(self.prefix).q"))
        }
        #expect(error?.code == .channelClosed)
        #expect(error?.replyCode == 406)
        let later = await #expect(throws: AMQPError.self) { try await channel.messageCount("\(self.prefix).q") }
        #expect(later == error)
        let after = try await connection.openChannel()
        #expect(try await after.deleteQueue("\(self.prefix).q") == 0)
        await connection.close()
    }

    @Test func `calls of many tasks on many channels get their own answers`() async throws {
        let connection = try await AMQPConnection.connect(self.broker.configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<40 {
                group.addTask {
                    let name = "\(self.prefix).\(index)"
                    let status = try await connection.withChannel { channel throws(AMQPError) in
                        try await channel.declareQueue(.init(name, isDurable: false))
                        let status = try await channel.checkQueue(name)
                        try await channel.deleteQueue(name)
                        return status
                    }
                    #expect(status.name == name)
                }
            }
            try await group.waitForAll()
        }
        await connection.close()
        let error = await #expect(throws: AMQPError.self) { try await connection.openChannel() }
        #expect(error?.code == .closed)
    }
}
