internal import EventLoops

/// Merges the symbols of a piece into tokens: of all adjacent pairs the one learnt first, the leftmost of equals, until
/// none is left (Sennrich et al., arXiv:1508.07909).
struct BytePairEncoder: Sendable {
    typealias Merge = MergingSymbols.Merge

    /// What a piece is before any merge.
    enum Alphabet: Sendable {
        /// The token of each byte.
        case bytes([TokenID])
        case characters(CharacterAlphabet, SymbolJoints)
    }

    /// What is kept from piece to piece and from text to text.
    struct Workspace: Sendable {
        var cache = PieceCache()
        var symbols = MergingSymbols()
    }

    let alphabet: Alphabet
    private let merges: PairTable<Merge>
    /// Tokens that a whole piece may be without any merge; empty where the family always merges.
    private let wholePieces: [[UInt8]: TokenID]
    private let idle = Locked<[Workspace]>([])

    /// - Parameter merges: In the order of their rank; a pair listed twice has the later one.
    init(alphabet: Alphabet, merges: PairTable<Merge>, wholePieces: [[UInt8]: TokenID]) {
        self.alphabet = alphabet
        self.merges = merges
        self.wholePieces = wholePieces
    }

    /// Appends the tokens of a text.
    func encode(_ text: ScannedText, cutBy preTokenizer: PreTokenizer, into tokens: inout [TokenID]) {
        var workspace = self.idle.withLock { $0.popLast() } ?? Workspace()
        preTokenizer.forEachPiece(of: text) { piece in
            self.encode(text, piece, &workspace, into: &tokens)
        }
        self.idle.withLock { $0.append(workspace) }
    }

    private func encode(
        _ text: ScannedText, _ piece: Range<Int>, _ workspace: inout Workspace, into tokens: inout [TokenID]
    ) {
        guard case .characters(let alphabet, let joints) = self.alphabet, self.wholePieces.isEmpty else {
            return self.encodeUncut(text, piece, &workspace, into: &tokens)
        }
        joints.forEachRange(of: piece, in: text, alphabet) { range in
            self.encodeUncut(text, range, &workspace, into: &tokens)
        }
    }

    @inline(__always)
    private func encodeUncut(
        _ text: ScannedText, _ piece: Range<Int>, _ workspace: inout Workspace, into tokens: inout [TokenID]
    ) {
        guard piece.count <= PieceCache.Key.longest else {
            return self.merge(text, piece, &workspace.symbols, into: &tokens)
        }
        let key = PieceCache.Key(text.bytes, piece)
        if let known = workspace.cache.tokens(of: key) {
            for index in 0..<Int(known.count) { tokens.append(known.ids[index]) }
            return
        }
        let start = tokens.count
        self.merge(text, piece, &workspace.symbols, into: &tokens)
        if tokens.count - start <= PieceCache.Tokens.most {
            workspace.cache.insert(key, PieceCache.Tokens(tokens[start...]))
        }
    }

    private func merge(
        _ text: ScannedText, _ piece: Range<Int>, _ symbols: inout MergingSymbols, into tokens: inout [TokenID]
    ) {
        if !self.wholePieces.isEmpty, let token = self.wholePieces[Array(text.bytes[piece])] {
            tokens.append(token)
            return
        }
        symbols.tokens.removeAll(keepingCapacity: true)
        switch self.alphabet {
        case .bytes(let ids): for byte in text.bytes[piece] { symbols.tokens.append(ids[Int(byte)]) }
        case .characters(let alphabet, _): alphabet.symbols(text, piece, into: &symbols.tokens)
        }
        symbols.merge(self.merges)
        tokens.append(contentsOf: symbols.tokens)
    }
}
