/// What `tokenizer.json` says, refusing by name whatever is not done exactly.
///
/// Format: Hugging Face tokenizers, version 1.0.
struct TokenizerFile {
    /// Llama 3 and Qwen take 9 and 11 MB.
    private static let maximumFileSize = 64 << 20
    /// Above any vocabulary of these families, below what would exhaust memory.
    static let maximumVocabulary = 1 << 20

    let json: JSON
    let path: String

    init(path: String) throws(TransformerError) {
        try self.init(JSON(contentsOf: path, limit: Self.maximumFileSize), path: path)
    }

    init(_ json: JSON, path: String) throws(TransformerError) {
        self.json = json
        self.path = path
        guard json.object != nil else { throw self.malformed("it is no JSON object") }
        try self.refuse("truncation", in: json)
        try self.refuse("padding", in: json)
    }

    // MARK: - Parts

    func normalizer(_ model: Model) throws(TransformerError) -> Normalizer {
        guard let normalizer = self.json["normalizer"] else {
            // Metaspace too takes `▁` for a space.
            return model.isSentencePiece ? .spaces(prefix: false) : .none
        }
        var parts = [normalizer]
        if normalizer["type"] == .string("Sequence") { parts = normalizer["normalizers"]?.array ?? [] }
        if model.isSentencePiece, !parts.isEmpty { return try self.spaces(parts) }
        var result = Normalizer.none
        for part in parts {
            guard part["type"] == .string("NFC") else { throw self.unsupported("normalizer", part, "NFC") }
            result = .canonicalComposition
        }
        return result
    }

    /// `▁` before a text or not, and then for each space.
    private func spaces(_ parts: [JSON]) throws(TransformerError) -> Normalizer {
        let space = JSON.string(String(CharacterAlphabet.space))
        let isPrefixed = parts[0]["type"] == .string("Prepend") && parts[0]["prepend"] == space
        let rest = parts.dropFirst(isPrefixed ? 1 : 0)
        guard rest.count == 1, let replacement = rest.first, replacement["type"] == .string("Replace"),
            replacement["pattern"]?["String"] == .string(" "), replacement["content"] == space
        else {
            throw self.unsupported("normalizer", rest.first ?? parts[0], "Prepend ▁, Replace of a space by ▁")
        }
        return .spaces(prefix: isPrefixed)
    }

    func preTokenizer(_ model: Model) throws(TransformerError) -> PreTokenizer {
        guard !model.isSentencePiece else { return try self.spaces() }
        guard let json = self.json["pre_tokenizer"] else { throw self.malformed("it lacks a pre_tokenizer") }
        var parts = [json]
        if json["type"] == .string("Sequence") { parts = json["pretokenizers"]?.array ?? [] }
        var patterns: [SplitPattern] = []
        var isByteLevel = false
        for part in parts {
            guard !isByteLevel else { throw self.unsupported("pre_tokenizer after ByteLevel", part, "none") }
            switch part["type"]?.string {
            case "Split": patterns.append(try self.splitPattern(part))
            case "Digits": patterns.append(.digits(individual: part["individual_digits"]?.bool ?? false))
            case "ByteLevel":
                guard part["add_prefix_space"]?.bool != true else {
                    throw self.unsupported("pre_tokenizer", "add_prefix_space", "false")
                }
                if part["use_regex"]?.bool ?? true { patterns.append(.gpt2) }
                isByteLevel = true
            default: throw self.unsupported("pre_tokenizer", part, "Split, Digits, ByteLevel")
            }
        }
        guard isByteLevel else { throw self.unsupported("pre_tokenizer", json, "one that ends in ByteLevel") }
        return .patterns(patterns)
    }

    /// None, or Metaspace: either it or the normalizer must make `▁` of spaces.
    private func spaces() throws(TransformerError) -> PreTokenizer {
        guard let json = self.json["pre_tokenizer"] else {
            guard self.json["normalizer"] != nil else {
                throw self.unsupported("pre_tokenizer", "none", "Metaspace where no normalizer makes ▁ of spaces")
            }
            return .spaces(prefix: .never, cuts: false)
        }
        // A cut at spaces, of which the normalizer has left none (Gemma).
        if json["type"] == .string("Split"), json["pattern"]?["String"] == .string(" "),
            self.json["normalizer"] != nil
        {
            return .spaces(prefix: .never, cuts: false)
        }
        guard json["type"] == .string("Metaspace"),
            json["replacement"] == .string(String(CharacterAlphabet.space))
        else { throw self.unsupported("pre_tokenizer", json, "Metaspace with ▁") }
        let cuts = json["split"]?.bool ?? true
        switch json["prepend_scheme"]?.string ?? (json["add_prefix_space"]?.bool == false ? "never" : "always") {
        case "never": return .spaces(prefix: .never, cuts: cuts)
        case "first": return .spaces(prefix: .first, cuts: cuts)
        case "always": return .spaces(prefix: .always, cuts: cuts)
        case let scheme: throw self.unsupported("prepend_scheme", scheme, "never, first, always")
        }
    }

    private func splitPattern(_ json: JSON) throws(TransformerError) -> SplitPattern {
        guard json["behavior"] == .string("Isolated"), json["invert"]?.bool != true else {
            throw self.unsupported("pre_tokenizer", "Split", "behavior Isolated, not inverted")
        }
        guard let expression = json["pattern"]?["Regex"]?.string,
            let pattern = SplitPattern.expressions[expression]
        else {
            let found = json["pattern"]?["Regex"]?.string ?? "no regular expression"
            throw self.unsupported("pre_tokenizer", found, "the split patterns of GPT-2, Llama 3 and Qwen2")
        }
        return pattern
    }

    /// Whether decoding leaves out a space that the text starts with.
    func stripsLeadingSpace(_ model: Model) throws(TransformerError) -> Bool {
        guard let decoder = self.json["decoder"] else { throw self.malformed("it lacks a decoder") }
        var parts = [decoder]
        if decoder["type"] == .string("Sequence") { parts = decoder["decoders"]?.array ?? [] }
        guard model.isSentencePiece else {
            for part in parts where part["type"] != .string("ByteLevel") {
                throw self.unsupported("decoder", part, "ByteLevel")
            }
            return false
        }
        let types = parts.map { $0["type"]?.string ?? "" }
        guard types.starts(with: ["Replace", "ByteFallback", "Fuse"]),
            parts[0]["pattern"]?["String"] == .string(String(CharacterAlphabet.space)),
            parts[0]["content"] == .string(" ")
        else { throw self.unsupported("decoder", decoder, "Replace of ▁ by a space, ByteFallback, Fuse, Strip") }
        guard let strip = parts.dropFirst(3).first else { return false }
        guard parts.count == 4, strip["type"] == .string("Strip"), strip["content"] == .string(" "),
            strip["start"] == .integer(1), strip["stop"] == .integer(0)
        else { throw self.unsupported("decoder", strip, "Strip of one space at the start") }
        return true
    }

    /// What the post-processor puts before and after one sequence.
    func frame() throws(TransformerError) -> (beginning: [TokenID], end: [TokenID]) {
        guard let processor = self.json["post_processor"] else { return ([], []) }
        var parts = [processor]
        if processor["type"] == .string("Sequence") { parts = processor["processors"]?.array ?? [] }
        var (beginning, end): ([TokenID], [TokenID]) = ([], [])
        for part in parts where part["type"] != .string("ByteLevel") {
            guard part["type"] == .string("TemplateProcessing"), let pieces = part["single"]?.array else {
                throw self.unsupported("post_processor", part, "ByteLevel, TemplateProcessing")
            }
            var sequenceSeen = false
            for piece in pieces {
                if piece["Sequence"] != nil {
                    sequenceSeen = true
                } else if let name = piece["SpecialToken"]?["id"]?.string,
                    let ids = part["special_tokens"]?[name]?["ids"]?.array?.compactMap(\.integer), !ids.isEmpty,
                    ids.allSatisfy({ (0..<Self.maximumVocabulary).contains($0) })
                {
                    if sequenceSeen { end += ids.map(TokenID.init) } else { beginning += ids.map(TokenID.init) }
                } else {
                    throw self.malformed("a template piece of the post_processor is neither text nor a special token")
                }
            }
        }
        return (beginning, end)
    }

    func addedTokens() throws(TransformerError) -> AddedTokens {
        guard let entries = self.json["added_tokens"] else { return AddedTokens([]) }
        guard let entries = entries.array else { throw self.malformed("added_tokens is no list") }
        var tokens: [AddedTokens.Token] = []
        var seen: Set<TokenID> = []
        for entry in entries {
            guard let id = entry["id"]?.integer, (0..<Self.maximumVocabulary).contains(id),
                let content = entry["content"]?.string, !content.isEmpty
            else { throw self.malformed("an added token lacks an id in range or its content") }
            guard seen.insert(TokenID(id)).inserted else { throw self.malformed("two added tokens have the id \(id)") }
            let isSpecial = entry["special"]?.bool ?? false
            tokens.append(
                AddedTokens.Token(
                    id: TokenID(id), content: content, isSpecial: isSpecial,
                    isSingleWord: entry["single_word"]?.bool ?? false, stripsLeft: entry["lstrip"]?.bool ?? false,
                    stripsRight: entry["rstrip"]?.bool ?? false,
                    isNormalized: entry["normalized"]?.bool ?? !isSpecial))
        }
        return AddedTokens(tokens)
    }

    // MARK: - Errors

    /// Fails when a member is there that would change what is computed.
    func refuse(_ name: String, in json: JSON?) throws(TransformerError) {
        guard let value = json?[name], value != .bool(false), value != .string("") else { return }
        throw self.unsupported(name, "a value", "null")
    }

    func malformed(_ reason: String) -> TransformerError {
        TransformerError(.malformed, "\(self.path) is not a usable tokenizer: \(reason).")
    }

    func unsupported(_ part: String, _ json: JSON, _ supported: String) -> TransformerError {
        self.unsupported(part, json["type"]?.string ?? "without a type", supported)
    }

    func unsupported(_ part: String, _ found: String, _ supported: String) -> TransformerError {
        TransformerError(
            .unsupported,
            "\(self.path): the \(part) \"\(found.prefix(200))\" is not supported; supported: \(supported).")
    }
}
