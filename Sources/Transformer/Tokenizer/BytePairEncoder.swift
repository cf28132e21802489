/// Merges bytes into tokens: of all adjacent pairs the one learnt first, the leftmost of equals, until none is left
/// (Sennrich et al., arXiv:1508.07909).
struct BytePairEncoder: Sendable {
    struct Merge: Sendable {
        let rank: UInt32
        let token: TokenID
    }

    /// The token of each single byte.
    private let byteTokens: [TokenID]
    private let merges: [UInt64: Merge]
    /// Tokens that a whole piece may be without any merge; empty where the family always merges.
    private let wholePieces: [[UInt8]: TokenID]

    init(byteTokens: [TokenID], merges: [UInt64: Merge], wholePieces: [[UInt8]: TokenID]) {
        self.byteTokens = byteTokens
        self.merges = merges
        self.wholePieces = wholePieces
    }

    /// The key of a pair in the merges.
    static func key(_ left: TokenID, _ right: TokenID) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// Appends a piece's tokens, in a time that grows with `n log n` whatever the bytes.
    func encode(_ piece: ArraySlice<UInt8>, into tokens: inout [TokenID]) {
        if !self.wholePieces.isEmpty, let token = self.wholePieces[Array(piece)] {
            tokens.append(token)
            return
        }
        var symbols = Symbols(piece.map { self.byteTokens[Int($0)] })
        var queue = MergeQueue()
        for index in symbols.tokens.indices { self.enqueue(index, symbols, &queue) }
        while let (rank, index) = queue.popFirst() {
            // The pair may be gone, or be another one by now.
            guard let merge = self.merge(at: index, symbols), merge.rank == rank else { continue }
            symbols.merge(at: index, into: merge.token)
            self.enqueue(index, symbols, &queue)
            if let previous = symbols.previous(of: index) { self.enqueue(previous, symbols, &queue) }
        }
        symbols.append(to: &tokens)
    }

    private func merge(at index: Int, _ symbols: Symbols) -> Merge? {
        guard let next = symbols.next(of: index) else { return nil }
        return self.merges[Self.key(symbols.tokens[index], symbols.tokens[next])]
    }

    private func enqueue(_ index: Int, _ symbols: Symbols, _ queue: inout MergeQueue) {
        if let merge = self.merge(at: index, symbols) { queue.insert(rank: merge.rank, index: index) }
    }
}

/// A piece's tokens as a doubly linked list; a merge leaves the right one out.
private struct Symbols {
    private static let removed: TokenID = -1

    private(set) var tokens: [TokenID]
    private var nexts: [Int]
    private var previouses: [Int]

    init(_ tokens: [TokenID]) {
        self.tokens = tokens
        self.nexts = Array(1..<tokens.count + 1)
        self.previouses = Array(-1..<tokens.count - 1)
    }

    func next(of index: Int) -> Int? {
        guard self.tokens[index] != Self.removed else { return nil }
        let next = self.nexts[index]
        return next < self.tokens.count ? next : nil
    }

    func previous(of index: Int) -> Int? { self.previouses[index] >= 0 ? self.previouses[index] : nil }

    mutating func merge(at index: Int, into token: TokenID) {
        let right = self.nexts[index]
        self.tokens[index] = token
        self.tokens[right] = Self.removed
        self.nexts[index] = self.nexts[right]
        if self.nexts[right] < self.tokens.count { self.previouses[self.nexts[right]] = index }
    }

    func append(to tokens: inout [TokenID]) {
        for token in self.tokens where token != Self.removed { tokens.append(token) }
    }
}
