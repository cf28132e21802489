import Testing

@testable import AMQP

extension SettlementLedger {
    fileprivate mutating func frames() -> [Frame] {
        var frames: [Frame] = []
        self.takeFrames { frames.append($0) }
        return frames
    }

    fileprivate static func delivering(_ tags: ClosedRange<UInt64>) -> SettlementLedger {
        var ledger = SettlementLedger()
        for tag in tags { ledger.deliver(tag) }
        return ledger
    }
}

@Suite struct SettlementLedgerTests {
    private func settle(
        _ ledger: inout SettlementLedger, _ tag: UInt64, _ settlement: Settlement, multiple: Bool = false
    ) -> Bool {
        ledger.settle(tag, settlement, multiple: multiple)
    }

    @Test func `acknowledgements with nothing open before them become one frame`() {
        var ledger = SettlementLedger.delivering(1...5)
        for tag in [3, 1, 2] as [UInt64] { #expect(self.settle(&ledger, tag, .acknowledge)) }
        #expect(ledger.frames() == [.init(tag: 3, settlement: .acknowledge, multiple: true)])
        #expect(ledger.openCount == 2)
        #expect(ledger.frames().isEmpty)
    }

    @Test func `behind an open delivery they are sent one by one`() {
        var ledger = SettlementLedger.delivering(1...4)
        for tag in [4, 2] as [UInt64] { #expect(self.settle(&ledger, tag, .acknowledge)) }
        #expect(
            ledger.frames() == [
                .init(tag: 4, settlement: .acknowledge, multiple: false),
                .init(tag: 2, settlement: .acknowledge, multiple: false),
            ])
        #expect(self.settle(&ledger, 1, .acknowledge))
        #expect(ledger.frames() == [.init(tag: 1, settlement: .acknowledge, multiple: false)])
        #expect(self.settle(&ledger, 3, .acknowledge))
        #expect(ledger.frames() == [.init(tag: 3, settlement: .acknowledge, multiple: false)])
    }

    @Test func `one frame never covers settlements of two kinds`() {
        var ledger = SettlementLedger.delivering(1...5)
        for tag in [1, 2, 5] as [UInt64] { #expect(self.settle(&ledger, tag, .acknowledge)) }
        for tag in [3, 4] as [UInt64] { #expect(self.settle(&ledger, tag, .reject(requeue: true))) }
        #expect(
            ledger.frames() == [
                .init(tag: 2, settlement: .acknowledge, multiple: true),
                .init(tag: 4, settlement: .reject(requeue: true), multiple: true),
                .init(tag: 5, settlement: .acknowledge, multiple: false),
            ])
    }

    @Test func `a delivery can be settled once`() {
        var ledger = SettlementLedger.delivering(1...2)
        #expect(self.settle(&ledger, 2, .acknowledge))
        #expect(!self.settle(&ledger, 2, .acknowledge))
        _ = ledger.frames()
        #expect(!self.settle(&ledger, 2, .reject(requeue: false)))
        #expect(!self.settle(&ledger, 3, .acknowledge))
        #expect(!self.settle(&ledger, 0, .acknowledge))
    }

    @Test func `multiple settles every open one before it and no later one`() {
        var ledger = SettlementLedger.delivering(1...5)
        #expect(self.settle(&ledger, 2, .reject(requeue: false)))
        #expect(self.settle(&ledger, 4, .acknowledge, multiple: true))
        #expect(ledger.openCount == 1)
        #expect(
            ledger.frames() == [
                .init(tag: 1, settlement: .acknowledge, multiple: false),
                .init(tag: 2, settlement: .reject(requeue: false), multiple: false),
                .init(tag: 4, settlement: .acknowledge, multiple: true),
            ])
    }

    /// The broker's side: what is unacknowledged, and what a frame does to it.
    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `the broker ends up with exactly what the handlers said, and knows every tag`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ledger = SettlementLedger()
        var next: UInt64 = 1
        var open: [UInt64] = []
        var wanted: [UInt64: Settlement] = [:]
        var unacknowledged: Set<UInt64> = []
        var settled: [UInt64: Settlement] = [:]
        for _ in 0..<300 {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1:
                ledger.deliver(next)
                open.append(next)
                unacknowledged.insert(next)
                next += 1
            case 2, 3:
                guard let index = open.indices.randomElement(using: &generator) else { continue }
                let tag = open.remove(at: index)
                let settlement: Settlement = [.acknowledge, .acknowledge, .reject(requeue: true)][
                    Int.random(in: 0..<3, using: &generator)]
                #expect(self.settle(&ledger, tag, settlement))
                wanted[tag] = settlement
            default:
                for frame in ledger.frames() {
                    #expect(unacknowledged.contains(frame.tag), "the broker closes the channel over an unknown tag")
                    for tag in unacknowledged where frame.multiple ? tag <= frame.tag : tag == frame.tag {
                        settled[tag] = frame.settlement
                        unacknowledged.remove(tag)
                    }
                }
                #expect(settled == wanted)
            }
        }
    }
}
