extension TokenizerFile {
    /// The byte-pair model: its vocabulary and merges.
    struct Model {
        /// By their spelling.
        let ids: [[UInt8]: TokenID]
        let pairs: [TokenSpellings.Pair]
        /// Whether the first symbols are characters, and bytes where the vocabulary lacks one; else they are bytes.
        let isSentencePiece: Bool
        let ignoresMerges: Bool
    }

    func model() throws(TransformerError) -> Model {
        guard let json = self.json["model"] else { throw self.malformed("it lacks a model") }
        // Files of old versions leave the type out; only a byte-pair model has merges.
        guard json["type"] == .string("BPE") || (json["type"] == nil && json["merges"] != nil) else {
            throw self.unsupported("model", json, "BPE")
        }
        for name in ["continuing_subword_prefix", "end_of_word_suffix"] { try self.refuse(name, in: json) }
        if let dropout = json["dropout"]?.double, dropout != 0 { throw self.unsupported("dropout", "\(dropout)", "0") }
        // `fuse_unk` and `unk_token` mean nothing where every byte has a token.
        return Model(
            ids: try self.ids(json), pairs: try self.pairs(json),
            isSentencePiece: json["byte_fallback"]?.bool ?? false,
            ignoresMerges: json["ignore_merges"]?.bool ?? false)
    }

    func encoder(_ model: Model, _ added: AddedTokens) throws(TransformerError) -> BytePairEncoder {
        let spellings = TokenSpellings(ids: model.ids, control: added.specialIDs, source: self.path)
        guard model.isSentencePiece else {
            return try spellings.byteLevelEncoder(model.pairs, ignoringMerges: model.ignoresMerges)
        }
        for (rank, pair) in model.pairs.enumerated() {
            guard TokenSpellings.byte(of: pair.left) == nil, TokenSpellings.byte(of: pair.right) == nil else {
                throw self.malformed("merge \(rank) is of a byte that stands for none of the characters")
            }
        }
        return try spellings.sentencePieceEncoder(
            try spellings.merges(model.pairs), joining: model.pairs, ignoringMerges: model.ignoresMerges)
    }

    /// Bytes by id: what the model's tokens spell, and added ones as they are.
    func vocabulary(_ model: Model, _ added: AddedTokens) throws(TransformerError) -> [[UInt8]?] {
        let count = (Array(model.ids.values) + added.tokens.map(\.id)).max().map { Int($0) + 1 } ?? 0
        var vocabulary = [[UInt8]?](repeating: nil, count: count)
        for (spelling, id) in model.ids {
            guard vocabulary[Int(id)] == nil else { throw self.malformed("two tokens have the id \(id)") }
            vocabulary[Int(id)] =
                model.isSentencePiece
                ? TokenSpellings.spelledBytes(spelling)
                : ByteAlphabet.bytes(of: spelling) ?? spelling
        }
        for token in added.tokens {
            let spelling = Array(token.content.utf8)
            guard vocabulary[Int(token.id)] == nil || model.ids[spelling] == token.id else {
                throw self.malformed("an added token and another one have the id \(token.id)")
            }
            vocabulary[Int(token.id)] = model.isSentencePiece ? TokenSpellings.spelledBytes(spelling) : spelling
        }
        return vocabulary
    }

    private func ids(_ json: JSON) throws(TransformerError) -> [[UInt8]: TokenID] {
        guard let entries = json["vocab"]?.entries, !entries.isEmpty else {
            throw self.malformed("it lacks a vocabulary")
        }
        var ids: [[UInt8]: TokenID] = [:]
        ids.reserveCapacity(entries.count)
        for entry in entries {
            guard let id = entry.value.integer, (0..<Self.maximumVocabulary).contains(id) else {
                throw self.malformed("a token's id is not a whole number from 0 to \(Self.maximumVocabulary - 1)")
            }
            ids[Array(entry.name.utf8)] = TokenID(id)
        }
        return ids
    }

    /// Merges in order of their rank, each `"left right"` or `["left", "right"]`.
    private func pairs(_ json: JSON) throws(TransformerError) -> [TokenSpellings.Pair] {
        guard let entries = json["merges"]?.array, entries.count <= Self.maximumVocabulary else {
            throw self.malformed("it lacks merges, or has more than \(Self.maximumVocabulary)")
        }
        var pairs: [TokenSpellings.Pair] = []
        pairs.reserveCapacity(entries.count)
        for (rank, entry) in entries.enumerated() {
            let pair = entry.array?.map { Array(($0.string ?? "").utf8) } ?? entry.string.map(TokenSpellings.sides)
            guard let sides = pair, sides.count == 2 else {
                throw self.malformed("merge \(rank) is not of two tokens that make a third")
            }
            pairs.append((sides[0], sides[1]))
        }
        return pairs
    }
}
