extension TokenizerFile {
    /// The byte-pair model: its vocabulary and merges.
    struct Model {
        let ids: [String: TokenID]
        let encoder: BytePairEncoder
    }

    func model() throws(TransformerError) -> Model {
        guard let json = self.json["model"] else { throw self.malformed("it lacks a model") }
        // Files of old versions leave the type out; only a byte-pair model has merges.
        guard json["type"] == .string("BPE") || (json["type"] == nil && json["merges"] != nil) else {
            throw self.unsupported("model", json, "BPE")
        }
        for name in ["continuing_subword_prefix", "end_of_word_suffix", "byte_fallback"] {
            try self.refuse(name, in: json)
        }
        if let dropout = json["dropout"]?.double, dropout != 0 { throw self.unsupported("dropout", "\(dropout)", "0") }
        let ids = try self.ids(json)
        return Model(
            ids: ids,
            encoder: BytePairEncoder(
                byteTokens: try self.byteTokens(ids), merges: try self.merges(json, ids),
                wholePieces: json["ignore_merges"]?.bool == true ? Self.wholePieces(ids) : [:]))
    }

    /// Bytes by id: of the vocabulary's tokens in the byte alphabet, of added ones as they are.
    func vocabulary(_ model: Model, _ added: AddedTokens) throws(TransformerError) -> [[UInt8]?] {
        let count = (Array(model.ids.values) + added.tokens.map(\.id)).max().map { Int($0) + 1 } ?? 0
        var vocabulary = [[UInt8]?](repeating: nil, count: count)
        for (token, id) in model.ids {
            guard vocabulary[Int(id)] == nil else { throw self.malformed("two tokens have the id \(id)") }
            vocabulary[Int(id)] = ByteAlphabet.bytes(of: token) ?? Array(token.utf8)
        }
        for token in added.tokens {
            guard vocabulary[Int(token.id)] == nil || model.ids[token.content] == token.id else {
                throw self.malformed("an added token and another one have the id \(token.id)")
            }
            vocabulary[Int(token.id)] = Array(token.content.utf8)
        }
        return vocabulary
    }

    private func ids(_ json: JSON) throws(TransformerError) -> [String: TokenID] {
        guard let entries = json["vocab"]?.object, !entries.isEmpty else {
            throw self.malformed("it lacks a vocabulary")
        }
        var ids: [String: TokenID] = [:]
        ids.reserveCapacity(entries.count)
        for (token, id) in entries {
            guard let id = id.integer, (0..<Self.maximumVocabulary).contains(id) else {
                throw self.malformed("a token's id is not a whole number from 0 to \(Self.maximumVocabulary - 1)")
            }
            ids[token] = TokenID(id)
        }
        return ids
    }

    /// Every byte must have a token, so that every text can be encoded.
    private func byteTokens(_ ids: [String: TokenID]) throws(TransformerError) -> [TokenID] {
        var tokens: [TokenID] = []
        for (byte, character) in ByteAlphabet.characters.enumerated() {
            guard let id = ids[String(character)] else {
                throw self.malformed("the vocabulary has no token for the byte \(byte)")
            }
            tokens.append(id)
        }
        return tokens
    }

    /// Merges in order of their rank, each `"left right"` or `["left", "right"]`.
    private func merges(
        _ json: JSON, _ ids: [String: TokenID]
    ) throws(TransformerError) -> [UInt64: BytePairEncoder.Merge] {
        guard let entries = json["merges"]?.array, entries.count <= Self.maximumVocabulary else {
            throw self.malformed("it lacks merges, or has more than \(Self.maximumVocabulary)")
        }
        var merges: [UInt64: BytePairEncoder.Merge] = [:]
        merges.reserveCapacity(entries.count)
        for (rank, entry) in entries.enumerated() {
            let sides = entry.array?.map { $0.string ?? "" } ?? entry.string.map(Self.sides) ?? []
            guard sides.count == 2, let left = ids[sides[0]], let right = ids[sides[1]],
                let merged = ids[sides[0] + sides[1]]
            else { throw self.malformed("merge \(rank) is not of two tokens that make a third") }
            // A pair listed twice has the later rank, as in the reference implementation.
            merges[BytePairEncoder.key(left, right)] = BytePairEncoder.Merge(rank: UInt32(rank), token: merged)
        }
        return merges
    }

    private static func sides(_ merge: String) -> [String] { merge.split(separator: " ").map(String.init) }

    private static func wholePieces(_ ids: [String: TokenID]) -> [[UInt8]: TokenID] {
        var pieces: [[UInt8]: TokenID] = [:]
        pieces.reserveCapacity(ids.count)
        for (token, id) in ids {
            if let bytes = ByteAlphabet.bytes(of: token) { pieces[bytes] = id }
        }
        return pieces
    }
}
