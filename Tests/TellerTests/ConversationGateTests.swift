import EventLoops
import Testing

@testable import Teller

@Suite struct ConversationGateTests {
    private func key(_ conversation: String) -> ConversationGate.Key {
        ConversationGate.Key(customerID: "C-1", conversationID: conversation)
    }

    @Test(.timeLimit(.minutes(1))) func `requests of a conversation go through one at a time, in their order`() async {
        let gate = ConversationGate()
        let passed = Locked<[Int]>([])
        await withDiscardingTaskGroup { group in
            for number in 0..<200 {
                let place = gate.enter(self.key("a"))
                group.addTask {
                    await gate.wait(at: place)
                    passed.withLock { $0.append(number) }
                    await Task.yield()
                    gate.leave(place)
                }
            }
        }
        #expect(passed.withLock { $0 } == Array(0..<200))
    }

    @Test(.timeLimit(.minutes(1))) func `conversations do not wait for each other`() async {
        let gate = ConversationGate()
        let held = gate.enter(self.key("a"))
        let other = gate.enter(self.key("b"))
        await gate.wait(at: held)
        await gate.wait(at: other)
        gate.leave(other)
        gate.leave(held)
    }

    @Test(.timeLimit(.minutes(1))) func `a place that is left before its turn holds nobody up`() async {
        let gate = ConversationGate()
        let first = gate.enter(self.key("a"))
        let second = gate.enter(self.key("a"))
        let third = gate.enter(self.key("a"))
        gate.leave(second)
        gate.leave(first)
        await gate.wait(at: third)
        gate.leave(third)
    }
}
