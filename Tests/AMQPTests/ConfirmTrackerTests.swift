import Testing

@testable import AMQP

extension ConfirmTracker {
    fileprivate mutating func confirmed(_ tag: UInt64, multiple: Bool) -> [Entry] {
        var entries: [Entry] = []
        self.confirm(tag, multiple: multiple) { entries.append($0) }
        return entries
    }
}

@Suite struct ConfirmTrackerTests {
    private func tracker(_ entries: String) -> ConfirmTracker<Character> {
        var tracker = ConfirmTracker<Character>()
        for (index, entry) in entries.enumerated() { #expect(tracker.append(entry) == UInt64(index + 1)) }
        return tracker
    }

    @Test func `a single confirm covers its own number, in any order`() {
        var tracker = self.tracker("abc")
        #expect(tracker.confirmed(2, multiple: false) == ["b"])
        #expect(tracker.confirmed(3, multiple: false) == ["c"])
        #expect(tracker.confirmed(1, multiple: false) == ["a"])
        #expect(tracker.isEmpty)
    }

    @Test func `a multiple confirm covers everything up to its number once`() {
        var tracker = self.tracker("abcde")
        #expect(tracker.confirmed(2, multiple: false) == ["b"])
        #expect(tracker.confirmed(4, multiple: true) == ["a", "c", "d"])
        #expect(tracker.confirmed(4, multiple: true).isEmpty)
        #expect(tracker.count == 1)
    }

    @Test func `numbers that are not outstanding cover nothing`() {
        var tracker = self.tracker("a")
        #expect(tracker.confirmed(0, multiple: true).isEmpty)
        #expect(tracker.confirmed(2, multiple: true).isEmpty)
        #expect(tracker.confirmed(1, multiple: false) == ["a"])
        #expect(tracker.confirmed(1, multiple: false).isEmpty)
        #expect(tracker.append("b") == 2)
    }

    @Test func `a reset returns what is outstanding in order and counts from one again`() {
        var tracker = self.tracker("abcd")
        _ = tracker.confirmed(2, multiple: false)
        #expect(tracker.reset() == ["a", "c", "d"])
        #expect(tracker.append("e") == 1)
    }

    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `every publish is confirmed exactly once, whatever the broker sends`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var tracker = ConfirmTracker<UInt64>()
        var outstanding: Set<UInt64> = []
        var last: UInt64 = 0
        for _ in 0..<400 {
            if Bool.random(using: &generator) {
                last += 1
                #expect(tracker.append(last) == last)
                outstanding.insert(last)
            } else {
                let (tag, multiple) = (
                    UInt64.random(in: 0...last + 1, using: &generator), Bool.random(using: &generator)
                )
                let expected = outstanding.filter { multiple && tag <= last ? $0 <= tag : $0 == tag }
                let confirmed = tracker.confirmed(tag, multiple: multiple)
                #expect(confirmed == expected.sorted())
                outstanding.subtract(confirmed)
            }
            #expect(tracker.count == outstanding.count)
        }
    }
}
