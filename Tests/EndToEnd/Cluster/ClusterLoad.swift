import AMQP
import EventLoops
import Foundation
import TellerMessages
import Testing

/// Requests without pause while something happens to the cluster, and the ledger of what became of each.
struct ClusterLoad: Sendable {
    /// What the customers saw.
    struct Outcome: Sendable, CustomStringConvertible {
        let requests: Int
        /// Answers that came more than once, the same each time.
        let repeats: Int
        /// The longest time in which no answer came.
        let silence: Duration

        var description: String {
            "\(self.requests) requests, \(self.repeats) repeats, longest silence \(self.silence.formatted(.units(allowed: [.seconds], fractionalPart: .show(length: 1))))"
        }
    }

    let world: WorkerWorld
    let requester: WorkerRequester

    /// Publishes from several tasks until the fault is over and a while longer, and expects that every request that the broker
    /// confirmed is answered, once or with the same bytes each time, without a failure counted or anything left over.
    func through(_ name: String, _ fault: @Sendable @escaping () async throws -> Void) async throws -> Outcome {
        #expect(try await self.requester.ask(try await self.requester.request()).status == .answered)
        // A quorum queue that loses its leader in the second that it was made in may never elect another one (RabbitMQ 3.10).
        try await self.world.allMembersOnline()
        try await Task.sleep(for: .seconds(1))

        let isOver = Locked(false)
        let begin = ContinuousClock.now
        let faulting = Task {
            defer { isOver.withLock { $0 = true } }
            try await fault()
        }
        let run = "cluster-\(UUID().uuidString.lowercased())"
        let publishing = (0..<4).map { task in
            Task { try await self.publish(as: "\(run)-\(task)", until: isOver) }
        }
        var ids: [String] = []
        for task in publishing { ids += try await task.value }
        try await faulting.value
        #expect(try await self.requester.statuses(of: ids) == [.answered])

        let times = [begin] + self.requester.times.filter { $0 > begin }
        let outcome = Outcome(
            requests: ids.count, repeats: ids.reduce(0) { $0 + self.requester.answers(to: $1).count - 1 },
            silence: zip(times, times.dropFirst()).map { $0.duration(to: $1) }.max() ?? .zero)
        print("\(name): \(outcome)")
        try await self.audit(ids, of: run)
        return outcome
    }

    /// Publishes until the fault is over and ten more, and returns what was confirmed.
    private func publish(as name: String, until isOver: Locked<Bool>) async throws -> [String] {
        var ids: [String] = []
        var left = 10
        while left > 0 {
            let request = try await self.requester.request("\(name)-\(ids.count)")
            try await self.publish(request)
            ids.append(request.id)
            if isOver.withLock({ $0 }) { left -= 1 }
            try await Task.sleep(for: .milliseconds(50))
        }
        return ids
    }

    /// Publishes a request until it is confirmed, as an integrating system must: the id is the same each time.
    private func publish(_ request: ChatRequest) async throws {
        while true {
            do {
                return try await self.requester.publish(request)
            } catch let error as AMQPError where error.isTransient {
                // A queue without a leader refuses.
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private func audit(_ ids: [String], of run: String) async throws {
        for id in ids {
            let answers = self.requester.answers(to: id)
            #expect(Set(answers.map(\.body)).count == 1 && Set(answers.map(\.messageID)).count == 1)
        }
        func count(_ rows: String) async throws -> Int {
            try await self.world.count("SELECT count(*) FROM \(rows) request_id LIKE '\(run)-%'")
        }
        #expect(try await count("teller.requests WHERE") == ids.count)
        #expect(try await count("teller.requests WHERE failures > 0 AND") == 0)
        #expect(try await count("teller.answers WHERE") == ids.count)
        try await amqpEventually("nothing is left to publish") {
            try await count("teller.outbox JOIN teller.answers USING (answer_id) WHERE") == 0
        }
        try await amqpEventually("nothing is left in the queues") {
            let (waiting, dead) = (try await self.world.messages(in: "teller.requests.banking"), try await self.world.messages(in: "teller.dead"))
            return waiting == 0 && dead == 0
        }
    }
}
