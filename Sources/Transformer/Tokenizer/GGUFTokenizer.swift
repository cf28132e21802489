/// The tokenizer in a GGUF file's metadata, refusing by name whatever is not done exactly.
///
/// Format: the keys `tokenizer.ggml.*` of the GGUF specification.
struct GGUFTokenizer {
    /// What kind of token an entry is: `tokenizer.ggml.token_type`.
    private enum TokenType: Int {
        case normal = 1
        case unknown, control, userDefined, unused, byte
    }

    private let metadata: [String: GGUFValue]
    private let source: String
    private let tokens: [[UInt8]]
    private let types: [TokenType]
    let added: AddedTokens

    init(_ metadata: [String: GGUFValue], source: String) throws(TransformerError) {
        self.metadata = metadata
        self.source = source
        guard let tokens = metadata["tokenizer.ggml.tokens"]?.strings, !tokens.isEmpty,
            tokens.count <= TokenizerFile.maximumVocabulary
        else {
            throw Self.malformed(
                source, "tokenizer.ggml.tokens is absent, or has more than \(TokenizerFile.maximumVocabulary) tokens")
        }
        self.tokens = tokens.map { Array($0.utf8) }
        let numbers = metadata["tokenizer.ggml.token_type"]?.integers ?? Array(repeating: 1, count: tokens.count)
        let types = numbers.compactMap(TokenType.init(rawValue:))
        guard numbers.count == tokens.count, types.count == tokens.count else {
            throw Self.malformed(source, "tokenizer.ggml.token_type is not a number from 1 to 6 for each token")
        }
        // Runs of white space are text, whoever defined them.
        self.types = zip(types, tokens).map { type, token in
            type == .userDefined && token.unicodeScalars.allSatisfy(Self.isBlank) ? .normal : type
        }
        var added: [AddedTokens.Token] = []
        for (id, type) in self.types.enumerated() {
            guard type == .control || type == .userDefined || type == .unknown, !tokens[id].isEmpty else { continue }
            added.append(
                AddedTokens.Token(
                    id: TokenID(id), content: tokens[id], isSpecial: type != .userDefined, isSingleWord: false,
                    stripsLeft: false, stripsRight: false, isNormalized: false))
        }
        self.added = AddedTokens(added)
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == CharacterAlphabet.space || ScalarClass(scalar).isWhitespace
    }

    /// `llama` is SentencePiece's byte-pair encoding, `gpt2` the byte-level one.
    var isSentencePiece: Bool {
        get throws(TransformerError) {
            switch self.metadata["tokenizer.ggml.model"]?.string {
            case "llama": return true
            case "gpt2": return false
            case let model: throw self.unsupported("tokenizer.ggml.model", model, "llama, gpt2")
            }
        }
    }

    // MARK: - SentencePiece

    func sentencePieceEncoder() throws(TransformerError) -> BytePairEncoder {
        if self.metadata["tokenizer.ggml.precompiled_charsmap"] != nil {
            throw self.unsupported("tokenizer.ggml.precompiled_charsmap", "a table", "none")
        }
        guard let scores = self.metadata["tokenizer.ggml.scores"]?.numbers, scores.count == self.tokens.count,
            scores.allSatisfy(\.isFinite)
        else { throw self.malformed("tokenizer.ggml.scores is not a number for each token") }
        let spellings = try self.spellings { $0 == .normal || $0 == .byte }
        // Tokens of one score are merged in the order of the text, so they have one rank.
        let ranks = Dictionary(uniqueKeysWithValues: zip(Set(scores).sorted(by: >), UInt32(0)...))
        let pairs = self.pairs(among: spellings)
        var merges = PairTable<BytePairEncoder.Merge>(capacity: pairs.count)
        for pair in pairs {
            guard let left = spellings.ids[pair.left], let right = spellings.ids[pair.right],
                let token = spellings.ids[pair.left + pair.right], let rank = ranks[scores[Int(token)]]
            else { continue }
            merges[left, right] = BytePairEncoder.Merge(rank: rank, token: token)
        }
        return try spellings.sentencePieceEncoder(merges, joining: pairs, ignoringMerges: false)
    }

    /// All ways to cut a token into two others: what SentencePiece may merge.
    private func pairs(among spellings: TokenSpellings) -> [TokenSpellings.Pair] {
        var pairs: [TokenSpellings.Pair] = []
        for (spelling, id) in spellings.ids where self.types[Int(id)] != .byte {
            for cut in spelling.indices.dropFirst() where spelling[cut] & 0xC0 != 0x80 {
                let (left, right) = (Array(spelling[..<cut]), Array(spelling[cut...]))
                guard let leftID = spellings.ids[left], let rightID = spellings.ids[right],
                    self.types[Int(leftID)] != .byte, self.types[Int(rightID)] != .byte
                else { continue }
                pairs.append((left, right))
            }
        }
        return pairs
    }

    // MARK: - Byte level

    func byteLevelEncoder(_ family: GGUFPreTokenizer) throws(TransformerError) -> BytePairEncoder {
        guard let merges = self.metadata["tokenizer.ggml.merges"]?.strings,
            merges.count <= TokenizerFile.maximumVocabulary
        else { throw self.malformed("tokenizer.ggml.merges is absent or too long") }
        var pairs: [TokenSpellings.Pair] = []
        for (rank, merge) in merges.enumerated() {
            let sides = TokenSpellings.sides(merge)
            guard sides.count == 2 else { throw self.malformed("merge \(rank) is not of two tokens") }
            pairs.append((sides[0], sides[1]))
        }
        return try self.spellings { $0 == .normal }.byteLevelEncoder(pairs, ignoringMerges: family.ignoresMerges)
    }

    func family() throws(TransformerError) -> GGUFPreTokenizer {
        let name = self.metadata["tokenizer.ggml.pre"]?.string ?? "default"
        guard let family = GGUFPreTokenizer(name) else {
            throw self.unsupported("tokenizer.ggml.pre", name, GGUFPreTokenizer.names.joined(separator: ", "))
        }
        return family
    }

    // MARK: - Parts

    /// What tokens stand for, by id.
    func vocabulary() throws(TransformerError) -> [[UInt8]?] {
        let isSentencePiece = try self.isSentencePiece
        return zip(self.tokens, self.types).map { spelling, type in
            if isSentencePiece { return type == .control ? spelling : TokenSpellings.spelledBytes(spelling) }
            return type == .normal ? ByteAlphabet.bytes(of: spelling) ?? spelling : spelling
        }
    }

    /// Whether a space is put before a text.
    var addsSpace: Bool { self.metadata["tokenizer.ggml.add_space_prefix"]?.bool ?? true }

    /// - Parameter beginsByDefault: Whether the family's sequences start with a token unless the file says otherwise.
    func frame(beginsByDefault: Bool) throws(TransformerError) -> (beginning: [TokenID], end: [TokenID]) {
        let begins = self.metadata["tokenizer.ggml.add_bos_token"]?.bool ?? beginsByDefault
        let ends = self.metadata["tokenizer.ggml.add_eos_token"]?.bool ?? false
        return (begins ? try self.token("bos") : [], ends ? try self.token("eos") : [])
    }

    private func token(_ name: String) throws(TransformerError) -> [TokenID] {
        guard let id = self.metadata["tokenizer.ggml.\(name)_token_id"]?.integer else { return [] }
        guard self.tokens.indices.contains(id) else {
            throw self.malformed("tokenizer.ggml.\(name)_token_id is \(id), outside the vocabulary")
        }
        return [TokenID(id)]
    }

    /// The tokens that text can become.
    private func spellings(_ isIncluded: (TokenType) -> Bool) throws(TransformerError) -> TokenSpellings {
        var ids: [[UInt8]: TokenID] = [:]
        ids.reserveCapacity(self.tokens.count)
        for (id, spelling) in self.tokens.enumerated() where isIncluded(self.types[id]) {
            // Of two tokens of one spelling only the first is ever made.
            if ids[spelling] == nil { ids[spelling] = TokenID(id) }
        }
        return TokenSpellings(ids: ids, control: self.added.specialIDs, source: self.source)
    }

    private func malformed(_ reason: String) -> TransformerError { Self.malformed(self.source, reason) }

    private static func malformed(_ source: String, _ reason: String) -> TransformerError {
        TransformerError(.malformed, "\(source) has no usable tokenizer: \(reason).")
    }

    private func unsupported(_ key: String, _ found: String?, _ supported: String) -> TransformerError {
        TransformerError(
            .unsupported,
            "\(self.source): \(key) \"\((found ?? "none").prefix(80))\" is not supported; supported: \(supported).")
    }
}

extension Tokenizer {
    /// Reads the tokenizer that a GGUF file carries.
    ///
    /// - Parameters:
    ///   - metadata: The file's metadata, of which `tokenizer.ggml.*` is read.
    ///   - source: What errors name.
    init(gguf metadata: [String: GGUFValue], source: String) throws(TransformerError) {
        let file = try GGUFTokenizer(metadata, source: source)
        if try file.isSentencePiece {
            self.init(
                vocabulary: try file.vocabulary(), addedTokens: file.added,
                normalizer: .spaces(prefix: file.addsSpace), preTokenizer: .spaces(prefix: .never, cuts: false),
                encoder: try file.sentencePieceEncoder(), frame: try file.frame(beginsByDefault: true),
                stripsLeadingSpace: file.addsSpace)
        } else {
            let family = try file.family()
            self.init(
                vocabulary: try file.vocabulary(), addedTokens: file.added, normalizer: family.normalizer,
                preTokenizer: .patterns(family.patterns), encoder: try file.byteLevelEncoder(family),
                frame: try file.frame(beginsByDefault: family.beginsSequences), stripsLeadingSpace: false)
        }
    }
}
