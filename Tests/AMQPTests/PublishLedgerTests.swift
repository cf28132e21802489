import Testing

@testable import AMQP

@Suite struct PublishLedgerTests {
    private typealias Ledger = PublishLedger<String>

    private static let lost = AMQPError(.connectionLost, "lost")
    private static let refused = AMQPError(.channelClosed, "refused", replyCode: 406)

    private func message(_ text: String, id: String? = nil) -> AMQPMessage {
        AMQPMessage(properties: AMQPProperties(messageID: id), body: Array(text.utf8))
    }

    private func ledger(_ names: [String], mandatory: Bool = true) -> Ledger {
        var ledger = Ledger()
        for (index, name) in names.enumerated() {
            ledger.add(
                AMQPPublication(message: self.message(name), exchange: "e", routingKey: "k", isMandatory: mandatory),
                id: UInt64(index), deadline: .now + .seconds(60), waiter: name)
        }
        return ledger
    }

    private func send(_ ledger: inout Ledger) -> [String] {
        var sent: [String] = []
        while let publication = ledger.next() { sent.append(String(decoding: publication.message.body, as: UTF8.self)) }
        return sent
    }

    private func settled(_ body: (inout Ledger.Settled) -> Void) -> [String: AMQPError.Code?] {
        var settled: Ledger.Settled = []
        body(&settled)
        return Dictionary(uniqueKeysWithValues: settled.map { ($0.waiter, $0.error?.code) })
    }

    private func giveBack(_ ledger: inout Ledger, _ text: String, id: String? = nil) -> Bool {
        ledger.giveBack(
            code: 312, text: "NO_ROUTE", exchange: "e", routingKey: "k", message: self.message(text, id: id))
    }

    @Test func `confirms and refusals reach the callers that they cover`() {
        var ledger = self.ledger(["a", "b", "c"])
        #expect(self.send(&ledger) == ["a", "b", "c"])
        #expect(
            self.settled { ledger.confirm(2, multiple: true, isAccepted: true, into: &$0) } == ["a": nil, "b": nil])
        #expect(self.settled { ledger.confirm(3, multiple: false, isAccepted: false, into: &$0) } == ["c": .nacked])
        #expect(ledger.isEmpty)
        #expect(ledger.confirmedCount == 2)
    }

    @Test func `a returned message fails with its confirm and its neighbours do not`() {
        var ledger = self.ledger(["a", "b", "c"])
        _ = self.send(&ledger)
        #expect(self.giveBack(&ledger, "b"))
        #expect(
            self.settled { ledger.confirm(3, multiple: true, isAccepted: true, into: &$0) }
                == ["a": nil, "b": .unroutable, "c": nil])
    }

    @Test func `a return is matched by message id and body, and twins are returned one each`() {
        var ledger = Ledger()
        for (index, (id, body)) in [("1", "x"), ("2", "x"), ("2", "y"), ("2", "y")].enumerated() {
            ledger.add(
                AMQPPublication(message: self.message(body, id: id), exchange: "e", routingKey: "k", isMandatory: true),
                id: UInt64(index), deadline: .now + .seconds(60), waiter: "\(index)")
        }
        _ = self.send(&ledger)
        for _ in 0..<2 { #expect(self.giveBack(&ledger, "y", id: "2")) }
        #expect(!self.giveBack(&ledger, "z"))
        #expect(
            self.settled { ledger.confirm(4, multiple: true, isAccepted: true, into: &$0) }
                == ["0": nil, "1": nil, "2": .unroutable, "3": .unroutable])
    }

    @Test func `what was in flight on a lost connection is sent again first, in order`() {
        var ledger = self.ledger(["a", "b", "c"])
        _ = ledger.next()
        _ = ledger.next()
        #expect(self.settled { ledger.lose(Self.lost, into: &$0) }.isEmpty)
        #expect(self.send(&ledger) == ["a", "b", "c"])
        #expect(self.settled { ledger.confirm(3, multiple: true, isAccepted: true, into: &$0) }.count == 3)
    }

    @Test func `the message over which the broker closes is found, and its neighbours are saved`() {
        var ledger = self.ledger(["good", "bad", "fine"])
        var outcome: [String: AMQPError.Code?] = [:]
        var order: [[String]] = []
        var published: UInt64 = 0
        // A broker that closes the channel as soon as it is sent the bad one.
        for _ in 0..<10 where !ledger.isEmpty {
            let sent = self.send(&ledger)
            order.append(sent)
            published += UInt64(sent.count)
            let isClosed = sent.contains("bad")
            outcome.merge(
                self.settled { settled in
                    if isClosed {
                        ledger.lose(Self.refused, into: &settled)
                    } else {
                        ledger.confirm(published, multiple: true, isAccepted: true, into: &settled)
                    }
                }
            ) { $1 }
            if isClosed { published = 0 }
        }
        #expect(order == [["good", "bad", "fine"], ["good"], ["bad"], ["fine"]])
        #expect(outcome == ["good": nil, "bad": .channelClosed, "fine": nil])
    }

    @Test func `the verdict on the message at fault is final`() {
        var ledger = self.ledger(["bad"])
        var settled: Ledger.Settled = []
        for _ in 0..<2 {
            _ = self.send(&ledger)
            ledger.lose(AMQPError(.connectionClosed, "", replyCode: 541), into: &settled)
        }
        #expect(settled.first?.error?.replyCode == 541)
        #expect(settled.first?.error?.isTransient == false)
    }

    @Test func `a connection that an operator closes accuses nobody`() {
        var ledger = self.ledger(["a", "b"])
        for _ in 0..<3 {
            #expect(self.send(&ledger) == ["a", "b"])
            #expect(self.settled { ledger.lose(AMQPError(.connectionClosed, "", replyCode: 320), into: &$0) }.isEmpty)
        }
    }

    @Test func `nothing is sent beside a suspect`() {
        var ledger = self.ledger(["a", "b"])
        _ = self.send(&ledger)
        _ = self.settled { ledger.lose(Self.refused, into: &$0) }
        ledger.add(
            AMQPPublication(message: self.message("new"), exchange: "e", routingKey: "k", isMandatory: true),
            id: 9, deadline: .now + .seconds(60), waiter: "new")
        #expect(self.send(&ledger) == ["a"])
        _ = self.settled { ledger.confirm(1, multiple: false, isAccepted: true, into: &$0) }
        #expect(self.send(&ledger) == ["b"])
        _ = self.settled { ledger.confirm(2, multiple: false, isAccepted: true, into: &$0) }
        #expect(self.send(&ledger) == ["new"])
    }

    @Test func `time up in the backlog tells the reason, in flight that the outcome is unknown`() {
        var ledger = self.ledger(["a", "b"])
        _ = ledger.next()
        let later = ContinuousClock.now + .seconds(61)
        let blocked = AMQPError(.blocked, "")
        #expect(self.settled { ledger.expire(at: .now, reason: blocked, into: &$0) }.isEmpty)
        #expect(
            self.settled { ledger.expire(at: later, reason: blocked, into: &$0) } == ["a": .timeout, "b": .blocked])
        #expect(self.settled { ledger.expire(at: later, reason: blocked, into: &$0) }.isEmpty)
        #expect(!ledger.isEmpty, "the number on the channel is still taken")
        #expect(self.settled { ledger.confirm(1, multiple: false, isAccepted: true, into: &$0) }.isEmpty)
        #expect(ledger.isEmpty)
    }

    @Test func `a caller that gave up is neither told nor sent again`() {
        var ledger = self.ledger(["a", "b"])
        _ = ledger.next()
        #expect(ledger.cancel(id: 0) == "a")
        #expect(ledger.cancel(id: 1) == "b")
        #expect(ledger.cancel(id: 1) == nil)
        #expect(self.settled { ledger.lose(Self.lost, into: &$0) }.isEmpty)
        #expect(self.send(&ledger).isEmpty)
    }

    @Test func `the age of what is in flight counts from when it was sent last`() {
        var ledger = self.ledger(["a", "b"])
        let (start, later) = (ContinuousClock.now, ContinuousClock.now + .seconds(5))
        #expect(ledger.oldestSent == nil)
        _ = ledger.next(at: start)
        _ = ledger.next(at: later)
        #expect(ledger.oldestSent == start)
        _ = self.settled { ledger.confirm(1, multiple: false, isAccepted: true, into: &$0) }
        #expect(ledger.oldestSent == later)
        _ = self.settled { ledger.lose(Self.lost, into: &$0) }
        #expect(ledger.oldestSent == nil)
    }

    @Test func `closing fails everything`() {
        var ledger = self.ledger(["a", "b"])
        _ = ledger.next()
        #expect(self.settled { ledger.close(AMQPError(.closed, ""), into: &$0) } == ["a": .closed, "b": .closed])
        #expect(ledger.isEmpty)
    }
}
