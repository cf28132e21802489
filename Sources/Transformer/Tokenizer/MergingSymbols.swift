/// The tokens of one piece while they are merged, and what that needs; kept from piece to piece, so that none allocates.
struct MergingSymbols: Sendable {
    struct Merge: Sendable {
        let rank: UInt32
        let token: TokenID
    }

    /// Up to here looking through all pairs for the first is faster than a queue.
    private static let fewSymbols = 40
    private static let removed: TokenID = -1

    /// To be filled with a piece's first tokens, and then merged.
    var tokens: [TokenID] = []
    /// For few symbols: of each with its right neighbour.
    private var pairs: [Merge] = []
    /// For many: a doubly linked list, and the pairs in order.
    private var nexts: [Int32] = []
    private var previouses: [Int32] = []
    private var queue = MergeQueue()

    /// Merges of all adjacent pairs the one learnt first, the leftmost of equals, until none is left.
    ///
    /// Takes a time that grows with `n log n`, whatever the symbols.
    mutating func merge(_ merges: PairTable<Merge>) {
        if self.tokens.count <= Self.fewSymbols { self.mergeFew(merges) } else { self.mergeMany(merges) }
    }

    // MARK: - Few symbols

    private mutating func mergeFew(_ merges: PairTable<Merge>) {
        guard self.tokens.count > 1 else { return }
        self.pairs.removeAll(keepingCapacity: true)
        for index in 0..<self.tokens.count - 1 { self.pairs.append(self.pair(at: index, merges)) }
        while let first = self.firstPair {
            self.tokens[first] = self.pairs[first].token
            self.tokens.remove(at: first + 1)
            self.pairs.remove(at: first)
            if first < self.pairs.count { self.pairs[first] = self.pair(at: first, merges) }
            if first > 0 { self.pairs[first - 1] = self.pair(at: first - 1, merges) }
        }
    }

    private static let noMerge = Merge(rank: .max, token: Self.removed)

    @inline(__always)
    private func pair(at index: Int, _ merges: PairTable<Merge>) -> Merge {
        merges[self.tokens[index], self.tokens[index + 1]] ?? Self.noMerge
    }

    private var firstPair: Int? {
        var (first, rank) = (-1, UInt32.max)
        for index in self.pairs.indices where self.pairs[index].rank < rank {
            (first, rank) = (index, self.pairs[index].rank)
        }
        return first < 0 ? nil : first
    }

    // MARK: - Many symbols

    private mutating func mergeMany(_ merges: PairTable<Merge>) {
        let count = Int32(self.tokens.count)
        self.nexts.removeAll(keepingCapacity: true)
        self.previouses.removeAll(keepingCapacity: true)
        self.nexts.append(contentsOf: 1..<count + 1)
        self.previouses.append(contentsOf: -1..<count - 1)
        for index in self.tokens.indices { self.enqueue(index, merges) }
        while let (rank, index) = self.queue.popFirst() {
            // The pair may be gone, or be another one by now.
            guard let merge = self.merge(at: index, merges), merge.rank == rank else { continue }
            let right = Int(self.nexts[index])
            let next = Int(self.nexts[right])
            self.tokens[index] = merge.token
            self.tokens[right] = Self.removed
            self.nexts[index] = Int32(next)
            if next < self.tokens.count { self.previouses[next] = Int32(index) }
            self.enqueue(index, merges)
            if self.previouses[index] >= 0 { self.enqueue(Int(self.previouses[index]), merges) }
        }
        self.tokens.removeAll { $0 == Self.removed }
    }

    private func merge(at index: Int, _ merges: PairTable<Merge>) -> Merge? {
        guard self.tokens[index] != Self.removed else { return nil }
        let next = Int(self.nexts[index])
        return next < self.tokens.count ? merges[self.tokens[index], self.tokens[next]] : nil
    }

    private mutating func enqueue(_ index: Int, _ merges: PairTable<Merge>) {
        if let merge = self.merge(at: index, merges) { self.queue.insert(rank: merge.rank, index: index) }
    }
}
