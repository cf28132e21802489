import Testing

@testable import Transformer

@Suite struct PromptLookupTests {
    private static let facts: [TokenID] = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16]

    /// A lookup that has seen a text and then was right a few times, so that it is sure of itself.
    private static func lookup(_ prompt: [TokenID], then written: [TokenID] = []) -> PromptLookup {
        var lookup = PromptLookup(prompt, room: 200)
        for token in written { lookup.append(token) }
        return lookup
    }

    @Test func `what followed the last tokens before is proposed`() {
        let lookup = Self.lookup(Self.facts + [1, 2], then: [8, 9, 10])
        #expect(lookup.proposal(maximum: 8).starts(with: [11, 12]))
        #expect(lookup.proposal(maximum: 1) == [11])
        #expect(lookup.proposal(maximum: 0) == [])
    }

    @Test func `the longer match wins, and of equals the later`() {
        let text: [TokenID] = [1, 2, 3, 50, 9, 2, 3, 60, 8, 2, 3, 70, 0, 0]
        #expect(Self.lookup(text, then: [1, 2, 3]).proposal(maximum: 1) == [50])
        #expect(Self.lookup(text, then: [9, 2, 3]).proposal(maximum: 1) == [60])
        #expect(Self.lookup(text, then: [5, 2, 3]).proposal(maximum: 1) == [70])
    }

    @Test(arguments: [[], [1], [1, 2], [1, 2, 3, 4, 5, 6]] as [[TokenID]])
    func `where nothing came before there is nothing to propose`(prompt: [TokenID]) {
        #expect(Self.lookup(prompt).proposal(maximum: 8) == [])
        #expect(Self.lookup(prompt, then: [90]).proposal(maximum: 8) == [])
    }

    @Test func `a text that repeats itself is followed past its end`() {
        let period: [TokenID] = [3, 4, 5]
        var lookup = Self.lookup(period + period + period)
        for _ in 0..<6 { for token in period { lookup.append(token) } }
        #expect(lookup.proposal(maximum: 8) == [3, 4, 5, 3, 4, 5, 3, 4])
    }

    @Test func `proposals that keep failing are made no more, until they would have come true again`() {
        var generator = SplitMix64(seed: 1)
        // After 1, 2 comes another token each time.
        var lookup = Self.lookup([])
        for _ in 0..<40 { for token in [1, 2, TokenID(100 + generator.next() % 100_000)] { lookup.append(token) } }
        for token in [1, 2] as [TokenID] { lookup.append(token) }
        #expect(lookup.proposal(maximum: 8) == [])
        // Nobody asks, but the count goes on.
        for _ in 0..<40 { for token in [1, 2, 50] as [TokenID] { lookup.append(token) } }
        for token in [1, 2] as [TokenID] { lookup.append(token) }
        #expect(lookup.proposal(maximum: 8).starts(with: [50, 1, 2]))
    }

    @Test func `every proposal goes on from an earlier occurrence of the last two tokens`() {
        var generator = SplitMix64(seed: 9)
        for alphabet in [3, 20, 400] as [UInt64] {
            var text = (0..<50).map { _ in TokenID(generator.next() % alphabet) }
            var lookup = PromptLookup(text, room: 600)
            for _ in 0..<600 {
                let token = TokenID(generator.next() % alphabet)
                lookup.append(token)
                text.append(token)
                guard let next = lookup.proposal(maximum: 4).first else { continue }
                let end = text.suffix(2)
                #expect((2..<text.count).contains { text[$0 - 2..<$0] == end && text[$0] == next })
            }
        }
    }
}
