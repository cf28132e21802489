import Testing

@testable import Transformer

@Suite struct ForwardPassTests {
    /// A sequence that is computed a few tokens at a time.
    private struct Sequence {
        let tokens: [TokenID]
        var pages: [Page] = []
        var count = 0

        /// The next run of at most `length` tokens, with pages for them.
        mutating func next(_ length: Int, _ pool: inout KeyValuePages) throws -> SequenceRun {
            let chunk = self.tokens[self.count...].prefix(length)
            while self.pages.count < KeyValuePages.count(forPositions: self.count + chunk.count) {
                let page = pool.allocate()
                self.pages.append(try #require(page))
            }
            defer { self.count += chunk.count }
            return SequenceRun(tokens: chunk, position: self.count, pages: self.pages, logits: .all)
        }
    }

    private static func tokens(_ count: Int, seed: UInt64 = 1) -> [TokenID] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in TokenID.random(in: 2..<288, using: &generator) }
    }

    /// Logits after every token, computed `length` tokens at a time.
    private static func logits(
        _ tokens: [TokenID], by length: Int, threads: Int = 1, format: KeyValueFormat = .f32
    ) throws -> [[Float]] {
        let model = try TinyCheckpoint.shared.get()
        var pass = ForwardPass(model.configuration, model.parameters, kernels: Kernels(threads: threads))
        var pool = KeyValuePages(model.configuration, format: format, limit: 100)
        var sequence = Sequence(tokens: tokens)
        var rows: [[Float]] = []
        while sequence.count < tokens.count {
            let run = try sequence.next(length, &pool)
            pass.run([run], pool)
            for row in 0..<run.tokens.count { rows.append(pass.withLogits(run: 0, row: row) { Array($0) }) }
        }
        return rows
    }

    @Test(arguments: [1, 3, 15, 16, 17, 64], [1, 3])
    func `tokens computed a few at a time give the logits of all at once`(length: Int, threads: Int) throws {
        let tokens = Self.tokens(100)
        let whole = try Self.logits(tokens, by: 100)
        #expect(whole.count == 100)
        #expect(try Self.logits(tokens, by: length, threads: threads) == whole)
    }

    @Test func `half-precision keys and values change logits little, and the split into calls not at all`() throws {
        let tokens = Self.tokens(100)
        let whole = try Self.logits(tokens, by: 100)
        let half = try Self.logits(tokens, by: 100, format: .f16)
        #expect(half != whole)
        #expect(largestDifference(half.flatMap(\.self), whole.flatMap(\.self)) < 0.02)
        #expect(try Self.logits(tokens, by: 7, format: .f16) == half)
    }

    @Test(arguments: [1, 2])
    func `sequences computed together give the logits of each alone`(threads: Int) throws {
        let model = try TinyCheckpoint.shared.get()
        var pass = ForwardPass(model.configuration, model.parameters, kernels: Kernels(threads: threads))
        var pool = KeyValuePages(model.configuration, limit: 100)
        var generator = SplitMix64(seed: 7)
        var sequences = (0..<9).map { Sequence(tokens: Self.tokens(5 + 11 * $0, seed: UInt64($0))) }
        let alone = try sequences.map { try Self.logits($0.tokens, by: $0.tokens.count) }
        while sequences.contains(where: { $0.count < $0.tokens.count }) {
            var (runs, indices): ([SequenceRun], [Int]) = ([], [])
            for index in sequences.indices.shuffled(using: &generator) {
                let length = Int.random(in: 0...7, using: &generator)
                guard length > 0, sequences[index].count < sequences[index].tokens.count else { continue }
                runs.append(try sequences[index].next(length, &pool))
                indices.append(index)
            }
            pass.run(runs, pool)
            for (run, index) in indices.enumerated() {
                for row in 0..<runs[run].tokens.count {
                    let logits = pass.withLogits(run: run, row: row) { Array($0) }
                    #expect(logits == alone[index][runs[run].position + row])
                }
            }
        }
    }

    @Test func `only the rows asked for have logits`() throws {
        let model = try TinyCheckpoint.shared.get()
        let tokens = Self.tokens(20)
        let whole = try Self.logits(tokens, by: 20)
        var pass = ForwardPass(model.configuration, model.parameters, kernels: Kernels(threads: 1))
        var pool = KeyValuePages(model.configuration, limit: 100)
        var pages = [pool.allocate(), pool.allocate(), pool.allocate(), pool.allocate()].compactMap(\.self)
        func take(_ count: Int) -> [Page] {
            defer { pages.removeFirst(count) }
            return Array(pages.prefix(count))
        }
        let runs = [
            SequenceRun(tokens: tokens[...], position: 0, pages: take(2), logits: .none),
            SequenceRun(tokens: tokens[..<7], position: 0, pages: take(1), logits: .last),
            SequenceRun(tokens: tokens[..<9], position: 0, pages: take(1), logits: .all),
        ]
        pass.run(runs, pool)
        #expect(pass.withLogits(run: 1) { Array($0) } == whole[6])
        #expect(pass.withLogits(run: 2, row: 8) { Array($0) } == whole[8])
    }

    @Test func `a sequence goes on from another one's pages as from its own`() throws {
        let model = try TinyCheckpoint.shared.get()
        let tokens = Self.tokens(40)
        let whole = try Self.logits(tokens, by: 40)
        var pass = ForwardPass(model.configuration, model.parameters, kernels: Kernels(threads: 1))
        var pool = KeyValuePages(model.configuration, limit: 100)
        var first = Sequence(tokens: tokens)
        pass.run([try first.next(40, &pool)], pool)
        var second = Sequence(tokens: tokens, pages: Array(first.pages[..<2]), count: 32)
        pass.run([try second.next(8, &pool)], pool)
        #expect((0..<8).map { row in pass.withLogits(run: 0, row: row) { Array($0) } } == Array(whole[32...]))
    }
}

@Suite struct KeyValuePagesTests {
    @Test func `pages are bounded, counted and used again`() throws {
        var pool = KeyValuePages(try TinyCheckpoint.shared.get().configuration, limit: 2)
        let allocated = [pool.allocate(), pool.allocate(), pool.allocate()]
        let first = try #require(allocated[0])
        let second = try #require(allocated[1])
        #expect(allocated[2] == nil)
        pool.retain(first)
        pool.release(first)
        let count = pool.used
        #expect(count == 2)
        pool.release(first)
        let again = pool.allocate()
        #expect(again == first)
        pool.release(first)
        pool.release(second)
        let left = pool.used
        #expect(left == 0)
    }
}
