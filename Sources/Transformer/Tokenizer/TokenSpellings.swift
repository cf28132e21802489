/// A vocabulary as a file spells it, of which encoders are made.
struct TokenSpellings {
    /// Two tokens that are merged, as they are spelled.
    typealias Pair = (left: [UInt8], right: [UInt8])

    let ids: [[UInt8]: TokenID]
    /// Tokens that no text may become, whatever the merges say.
    let control: Set<TokenID>
    /// What errors name.
    let source: String

    // MARK: - Encoders

    /// For tokens spelled in the byte alphabet.
    func byteLevelEncoder(_ pairs: [Pair], ignoringMerges: Bool) throws(TransformerError) -> BytePairEncoder {
        var bytes: [TokenID] = []
        for (byte, character) in ByteAlphabet.characters.enumerated() {
            let id = self.ids[Array(String(character).utf8)]
            // Every byte that UTF-8 has must have a token, so that every text can be encoded.
            guard id != nil || byte == 0xC0 || byte == 0xC1 || byte > 0xF4 else {
                throw self.malformed("the vocabulary has no token for the byte \(byte)")
            }
            bytes.append(id ?? 0)
        }
        return BytePairEncoder(
            alphabet: .bytes(bytes), merges: try self.merges(pairs),
            wholePieces: ignoringMerges ? self.wholePieces(ByteAlphabet.bytes(of:)) : [:])
    }

    /// For tokens spelled in characters, with `▁` for a space and `<0x00>` to `<0xFF>` for bytes.
    func sentencePieceEncoder(
        _ merges: PairTable<BytePairEncoder.Merge>, joining pairs: [Pair], ignoringMerges: Bool
    ) throws(TransformerError) -> BytePairEncoder {
        let alphabet = try self.characterAlphabet()
        var joints = PairTable<Bool>(capacity: pairs.count)
        for (left, right) in pairs {
            guard let left = self.edge(of: left, last: true), let right = self.edge(of: right, last: false) else {
                continue
            }
            joints[left, right] = true
        }
        return BytePairEncoder(
            alphabet: .characters(alphabet, SymbolJoints(joints, alphabet)), merges: merges,
            wholePieces: ignoringMerges ? self.wholePieces(Self.spelledBytes) : [:])
    }

    /// Merges in order of their rank.
    func merges(_ pairs: [Pair]) throws(TransformerError) -> PairTable<BytePairEncoder.Merge> {
        var merges = PairTable<BytePairEncoder.Merge>(capacity: pairs.count)
        for (rank, pair) in pairs.enumerated() {
            guard let left = self.ids[pair.left], let right = self.ids[pair.right],
                let merged = self.ids[pair.left + pair.right]
            else { throw self.malformed("merge \(rank) is not of two tokens that make a third") }
            guard !self.control.contains(merged) else { continue }
            // A pair listed twice has the later rank, as in the reference implementation.
            merges[left, right] = BytePairEncoder.Merge(rank: UInt32(rank), token: merged)
        }
        return merges
    }

    /// The two sides of a merge spelled `left right`.
    static func sides(_ merge: String) -> [[UInt8]] { merge.utf8.split(separator: UInt8(ascii: " ")).map(Array.init) }

    // MARK: - SentencePiece

    /// The byte that a token such as `<0x0A>` stands for.
    static func byte(of spelling: [UInt8]) -> UInt8? {
        guard spelling.count == 6, spelling.starts(with: Array("<0x".utf8)), spelling[5] == UInt8(ascii: ">") else {
            return nil
        }
        return UInt8(String(decoding: spelling[3..<5], as: UTF8.self), radix: 16)
    }

    /// What a token stands for.
    static func spelledBytes(_ spelling: [UInt8]) -> [UInt8]? {
        if let byte = self.byte(of: spelling) { return [byte] }
        return CharacterAlphabet.spaced(spelling)
    }

    private func characterAlphabet() throws(TransformerError) -> CharacterAlphabet {
        var bytes: [TokenID] = []
        for byte in 0...UInt8.max {
            let digits = String(byte, radix: 16, uppercase: true)
            guard let id = self.ids[Array("<0x\(digits.count < 2 ? "0" : "")\(digits)>".utf8)] else {
                throw self.malformed("the vocabulary has no token for the byte \(byte), <0x\(digits)>")
            }
            bytes.append(id)
        }
        var characters: [Unicode.Scalar: TokenID] = [:]
        for (spelling, id) in self.ids where spelling.count <= 4 && !self.control.contains(id) {
            let scalars = String(decoding: spelling, as: UTF8.self).unicodeScalars
            if scalars.count == 1, let scalar = scalars.first { characters[scalar] = id }
        }
        return CharacterAlphabet(bytes: bytes, characters: characters)
    }

    /// The symbol that a token starts or ends with; nil where no text has it.
    private func edge(of spelling: [UInt8], last: Bool) -> TokenID? {
        let text = String(decoding: spelling.prefix(last ? .max : 4), as: UTF8.self).unicodeScalars
        return (last ? text.last : text.first).flatMap { self.ids[Array(String($0).utf8)] }
    }

    private func wholePieces(_ bytes: ([UInt8]) -> [UInt8]?) -> [[UInt8]: TokenID] {
        var pieces: [[UInt8]: TokenID] = [:]
        pieces.reserveCapacity(self.ids.count)
        for (spelling, id) in self.ids where !self.control.contains(id) {
            if let bytes = bytes(spelling) { pieces[bytes] = id }
        }
        return pieces
    }

    private func malformed(_ reason: String) -> TransformerError {
        TransformerError(.malformed, "\(self.source) is not a usable tokenizer: \(reason).")
    }
}
