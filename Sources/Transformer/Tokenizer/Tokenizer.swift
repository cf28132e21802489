/// A byte-level byte-pair tokenizer, as `tokenizer.json` describes it.
///
/// Every text can be encoded, and decoding its tokens gives it back (after normalisation, where the family has one).
public struct Tokenizer: Sendable {
    /// What kind of tokenizer it is, for people to read.
    public let kind: String
    /// What a sequence starts with where its family frames it; ``encode(_:special:)`` does not add it.
    public let beginningOfSequence: [TokenID]
    /// What a sequence ends with where its family frames it; ``encode(_:special:)`` does not add it.
    public let endOfSequence: [TokenID]

    private let vocabulary: [[UInt8]?]
    private let addedTokens: AddedTokens
    private let normalizer: Normalizer
    private let preTokenizer: PreTokenizer
    private let encoder: BytePairEncoder

    /// Reads `tokenizer.json` of a checkpoint directory.
    ///
    /// - Throws: ``TransformerError`` where the file cannot be read or asks for anything that is not done exactly.
    public init(directory: String) throws(TransformerError) {
        try self.init(TokenizerFile(path: "\(directory)/tokenizer.json"))
    }

    init(_ file: TokenizerFile) throws(TransformerError) {
        let model = try file.model()
        self.addedTokens = try file.addedTokens()
        self.vocabulary = try file.vocabulary(model, self.addedTokens)
        self.normalizer = try file.normalizer()
        self.preTokenizer = try file.preTokenizer()
        try file.checkDecoder()
        self.encoder = model.encoder
        (self.beginningOfSequence, self.endOfSequence) = try file.frame()
        let patterns = self.preTokenizer.patterns.map { "\($0)" }.joined(separator: " + ")
        self.kind = "byte-level BPE, \(patterns)\(self.normalizer == .none ? "" : ", NFC")"
    }

    /// The tokenizer of a checkpoint that has none: every text is no tokens, and every token no text.
    static let none = Tokenizer()

    private init() {
        self.kind = "none"
        (self.beginningOfSequence, self.endOfSequence) = ([], [])
        self.vocabulary = []
        self.addedTokens = AddedTokens([])
        self.normalizer = .none
        self.preTokenizer = PreTokenizer(patterns: [])
        self.encoder = BytePairEncoder(byteTokens: [], merges: [:], wholePieces: [:])
    }

    /// One more than the largest token id.
    public var vocabularySize: Int { self.vocabulary.count }

    /// The tokens of a text.
    ///
    /// - Parameter special: Whether the names of special and other added tokens in the text become those tokens. Leave
    ///   it false for any text that is not a program's own: then such names are text like any other.
    public func encode(_ text: String, special: Bool = false) -> [TokenID] {
        guard !self.vocabulary.isEmpty else { return [] }
        let segments =
            special
            ? self.addedTokens.segments(of: text, normalizer: self.normalizer)
            : [.text(self.normalizer.normalize(text))]
        var tokens: [TokenID] = []
        for segment in segments {
            switch segment {
            case .token(let id): tokens.append(id)
            case .text(let text):
                for piece in self.preTokenizer.pieces(of: ClassifiedText(text)) {
                    self.encoder.encode(piece, into: &tokens)
                }
            }
        }
        return tokens
    }

    /// The text of tokens; bytes that are not UTF-8 become U+FFFD, ids outside the vocabulary nothing.
    public func decode(_ tokens: some Sequence<TokenID>) -> String {
        String(decoding: tokens.flatMap(self.bytes(of:)), as: UTF8.self)
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
