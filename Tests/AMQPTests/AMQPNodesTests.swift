import Testing

@testable import AMQP

@Suite struct AMQPNodesTests {
    private let configuration = AMQPConfiguration(
        endpoints: (1...3).map { .init(host: "node\($0)", port: 5672) }, user: "u", password: "p")

    private func rounds(_ count: Int, last: Int? = nil) -> [[String]] {
        var generator = SeededGenerator(seed: 7)
        return (0..<count).map { _ in
            self.configuration.round(last: last.map { self.configuration.endpoints[$0] }, using: &generator).map(\.host)
        }
    }

    @Test func `a round tries each node once, and clients begin with different ones`() {
        let rounds = self.rounds(3000)
        #expect(rounds.allSatisfy { $0.sorted() == ["node1", "node2", "node3"] })
        for node in ["node1", "node2", "node3"] {
            #expect((900...1100).contains(rounds.count { $0[0] == node }))
        }
    }

    @Test func `the node that was left comes last, and its clients spread over the others`() {
        let rounds = self.rounds(3000, last: 1)
        #expect(rounds.allSatisfy { $0.count == 3 && $0[2] == "node2" })
        #expect((1400...1600).contains(rounds.count { $0[0] == "node1" }))
    }

    @Test func `one node is tried again, and a node that is not of the list changes nothing`() {
        var generator = SeededGenerator(seed: 7)
        let node = AMQPConfiguration.Endpoint(host: "only", port: 1)
        let single = AMQPConfiguration(endpoints: [node], user: "u", password: "p")
        #expect(single.round(last: node, using: &generator) == [node])
        #expect(single.round(last: .init(host: "other", port: 1), using: &generator) == [node])
    }

    @Test func `an error of several nodes says what each said, and has the class of what decides`() {
        let down = AMQPError(.connectionFailed, "no connection to a:1")
        let certificate = AMQPError(.tlsFailed, "no TLS connection to b:2")
        let password = AMQPError(.loginRefused, "c:3 refused user u", replyCode: 403)
        let stopping = AMQPError(.loginRefused, "d:4 is stopping", replyCode: 320, isTransient: true)
        #expect(AMQPError(ofNodes: [down]) == down)

        let some = AMQPError(ofNodes: [certificate, down])
        #expect(some.message == "no TLS connection to b:2; no connection to a:1")
        #expect(some.code == .connectionFailed && some.isTransient)

        let refused = AMQPError(ofNodes: [down, password])
        #expect(refused.code == .loginRefused && refused.replyCode == 403 && !refused.isTransient)
        #expect(password.isRefusedEverywhere && !stopping.isRefusedEverywhere && !certificate.isRefusedEverywhere)
        #expect(AMQPError(ofNodes: [stopping, certificate]).isTransient)
        #expect(AMQPError(ofNodes: []).code == .invalidConfiguration)
    }
}
