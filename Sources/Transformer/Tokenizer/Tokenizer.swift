/// A byte-pair tokenizer: byte-level, or as SentencePiece makes them, with bytes for characters it does not know.
///
/// Every text can be encoded, and decoding its tokens gives it back (after normalisation, where the family has one).
public struct Tokenizer: Sendable {
    /// What kind of tokenizer it is, for people to read.
    public let kind: String
    /// What a sequence starts with where its family frames it; ``encode(_:special:)`` does not add it.
    public let beginningOfSequence: [TokenID]
    /// What a sequence ends with where its family frames it; ``encode(_:special:)`` does not add it.
    public let endOfSequence: [TokenID]

    /// Whether a space that a text starts with was put there by encoding, and is left out again by decoding.
    let stripsLeadingSpace: Bool
    private let vocabulary: [[UInt8]?]
    private let addedTokens: AddedTokens
    private let normalizer: Normalizer
    private let preTokenizer: PreTokenizer
    private let encoder: BytePairEncoder

    /// Reads a checkpoint's tokenizer without its weights: `tokenizer.json` of a directory, or what a GGUF file carries.
    ///
    /// - Throws: ``TransformerError`` where there is none, or it asks for anything that is not done exactly.
    public static func load(path: String) throws(TransformerError) -> Tokenizer {
        if FileStatus.isDirectory(path) { return try Tokenizer(directory: path) }
        let file = try GGUFFile(path: path)
        guard file.hasTokenizer else { throw TransformerError(.missing, "\(path) carries no tokenizer.") }
        return try Tokenizer(gguf: file.metadata, source: path)
    }

    /// Reads `tokenizer.json` of a checkpoint directory.
    ///
    /// - Throws: ``TransformerError`` where the file cannot be read or asks for anything that is not done exactly.
    init(directory: String) throws(TransformerError) {
        try self.init(TokenizerFile(path: "\(directory)/tokenizer.json"))
    }

    init(_ file: TokenizerFile) throws(TransformerError) {
        let model = try file.model()
        let added = try file.addedTokens()
        self.init(
            vocabulary: try file.vocabulary(model, added), addedTokens: added, normalizer: try file.normalizer(model),
            preTokenizer: try file.preTokenizer(model), encoder: try file.encoder(model, added),
            frame: try file.frame(), stripsLeadingSpace: try file.stripsLeadingSpace(model))
    }

    /// - Parameter vocabulary: What tokens stand for, by id.
    init(
        vocabulary: [[UInt8]?], addedTokens: AddedTokens, normalizer: Normalizer, preTokenizer: PreTokenizer,
        encoder: BytePairEncoder, frame: (beginning: [TokenID], end: [TokenID]), stripsLeadingSpace: Bool
    ) {
        self.vocabulary = vocabulary
        self.addedTokens = addedTokens
        self.normalizer = normalizer
        self.preTokenizer = preTokenizer
        self.encoder = encoder
        (self.beginningOfSequence, self.endOfSequence) = frame
        self.stripsLeadingSpace = stripsLeadingSpace
        switch preTokenizer {
        case .patterns([]): self.kind = "none"
        case .patterns(let patterns):
            let names = patterns.map { "\($0)" }.joined(separator: " + ")
            self.kind = "byte-level BPE, \(names)\(normalizer == .canonicalComposition ? ", NFC" : "")"
        case .spaces: self.kind = "SentencePiece BPE with byte fallback"
        }
    }

    /// The tokenizer of a checkpoint that has none: every text is no tokens, and every token no text.
    static let none = Tokenizer(
        vocabulary: [], addedTokens: AddedTokens([]), normalizer: .none, preTokenizer: .patterns([]),
        encoder: BytePairEncoder(
            alphabet: .bytes([]), merges: PairTable(capacity: 0), wholePieces: [:]),
        frame: ([], []), stripsLeadingSpace: false)

    /// One more than the largest token id.
    public var vocabularySize: Int { self.vocabulary.count }

    /// The tokens of a text.
    ///
    /// - Parameter special: Whether the names of special and other added tokens in the text become those tokens. Leave
    ///   it false for any text that is not a program's own: then such names are text like any other.
    public func encode(_ text: String, special: Bool = false) -> [TokenID] {
        var tokens: [TokenID] = []
        guard special else {
            self.encode(text, isFirst: true, into: &tokens)
            return tokens
        }
        guard !self.vocabulary.isEmpty else { return [] }
        for (index, segment) in self.addedTokens.segments(of: text, normalizer: self.normalizer).enumerated() {
            switch segment {
            case .token(let id): tokens.append(id)
            case .text(let text): self.encodeNormalized(text, isFirst: index == 0, into: &tokens)
            }
        }
        return tokens
    }

    /// Appends the tokens of a text, of which nothing becomes a control token.
    ///
    /// - Parameter isFirst: Whether nothing comes before the text, not even a control token.
    func encode(_ text: String, isFirst: Bool, into tokens: inout [TokenID]) {
        guard !self.vocabulary.isEmpty else { return }
        self.encodeNormalized(self.normalizer.normalize(text), isFirst: isFirst, into: &tokens)
    }

    private func encodeNormalized(_ text: String, isFirst: Bool, into tokens: inout [TokenID]) {
        var text = self.preTokenizer.needsPrefix(text, isFirst: isFirst) ? " " + text : text
        text.withUTF8 { bytes in
            ScalarClassTable.shared.scan(bytes) { text in
                self.encoder.encode(text, cutBy: self.preTokenizer, into: &tokens)
            }
        }
    }

    /// The text of tokens; bytes that are not UTF-8 become U+FFFD, ids outside the vocabulary nothing.
    public func decode(_ tokens: some Sequence<TokenID>) -> String {
        let bytes = tokens.flatMap(self.bytes(of:))
        let isPrefixed = self.stripsLeadingSpace && bytes.first == UInt8(ascii: " ")
        return String(decoding: bytes.dropFirst(isPrefixed ? 1 : 0), as: UTF8.self)
    }

    /// The bytes that a token stands for, which need not be whole characters; none for an id outside the vocabulary.
    public func bytes(of token: TokenID) -> [UInt8] {
        guard self.vocabulary.indices.contains(Int(token)) else { return [] }
        return self.vocabulary[Int(token)] ?? []
    }

    /// The added token of this name.
    public func id(of special: String) -> TokenID? { self.addedTokens.id(of: special) }

    /// Whether a token is a control token.
    public func isSpecial(_ token: TokenID) -> Bool { self.addedTokens.isSpecial(token) }

    /// Whether a token stands outside the merges: a control token, or a word the model was taught whole.
    func isAdded(_ token: TokenID) -> Bool { self.addedTokens.contains(token) }
}
