/// How a family of chat models writes a conversation as tokens.
///
/// Control tokens are put in by id, and every text is encoded with no name of a token recognised in it: whatever a message
/// says, it stays text.
public struct ChatTemplate: Sendable, Hashable, CustomStringConvertible {
    /// What differs between the families.
    enum Family: Sendable, Hashable {
        /// `<|im_start|>role ⏎ content <|im_end|>`; with a system message of its own where the conversation has none.
        case chatML(begins: Bool, system: String?)
        case llama2
        /// With the dates that Llama 3.1 and later tell their models, or without.
        case llama3(dates: Bool)
        case mistral(MistralSpelling)
        case gemma
        /// `User: …` and `Assistant: …`, for models that have no control tokens.
        case plain
    }

    let family: Family

    init(_ family: Family) { self.family = family }

    /// The names by which a template can be chosen.
    public static let names = ["chatml", "gemma", "llama2", "llama3", "mistral", "plain"]

    /// The template of this name.
    ///
    /// - Throws: ``TransformerError`` that lists the names where there is no such one.
    public init(named name: String) throws(TransformerError) {
        switch name {
        case "chatml": self.family = .chatML(begins: false, system: nil)
        case "gemma": self.family = .gemma
        case "llama2": self.family = .llama2
        case "llama3": self.family = .llama3(dates: false)
        case "mistral": self.family = .mistral(MistralSpelling())
        case "plain": self.family = .plain
        default:
            throw TransformerError(
                .invalidRequest,
                "There is no chat template \"\(name.prefix(80))\"; there are \(Self.names.joined(separator: ", ")).")
        }
    }

    public var description: String {
        switch self.family {
        case .chatML: "chatml"
        case .gemma: "gemma"
        case .llama2: "llama2"
        case .llama3: "llama3"
        case .mistral: "mistral"
        case .plain: "plain"
        }
    }

    /// The tokens of a conversation, up to where the assistant's next message starts.
    ///
    /// - Parameter messages: At most one system message, at the start; then the user and the assistant in turn, of whom
    ///   the user is the first and the last.
    /// - Throws: ``TransformerError`` where the messages come in another order, or the tokenizer lacks a control token.
    public func tokens(
        of messages: [ChatMessage], with tokenizer: Tokenizer
    ) throws(TransformerError) -> [TokenID] {
        let parts = ChatScript(self.family, try ChatConversation(messages)).parts
        try self.check(parts, tokenizer)
        var tokens: [TokenID] = []
        var text = ""
        func flush() {
            tokenizer.encode(text, isFirst: tokens.isEmpty, into: &tokens)
            text = ""
        }
        for part in parts {
            switch part {
            case .text(let more): text += more
            case .begin:
                flush()
                tokens += tokenizer.beginningOfSequence
            case .control(let name), .mark(let name):
                if let id = tokenizer.id(of: name) {
                    flush()
                    tokens.append(id)
                } else {
                    text += name
                }
            }
        }
        flush()
        return tokens
    }

    /// The tokens with which the assistant ends a message.
    public func endOfMessage(_ tokenizer: Tokenizer) -> [TokenID] {
        let names =
            switch self.family {
            case .chatML: ["<|im_end|>"]
            case .gemma: ["<end_of_turn>"]
            case .llama2, .mistral: ["</s>"]
            case .llama3: ["<|eot_id|>"]
            case .plain: [String]()
            }
        return names.compactMap(tokenizer.id(of:))
    }

    private func check(_ parts: [ChatScript.Part], _ tokenizer: Tokenizer) throws(TransformerError) {
        var missing: [String] = []
        for case .control(let name) in parts where tokenizer.id(of: name) == nil && !missing.contains(name) {
            missing.append(name)
        }
        guard missing.isEmpty else {
            throw TransformerError(
                .missing,
                "The tokenizer has no \(missing.joined(separator: ", ")), which the chat template \(self) needs; "
                    + Self.cure)
        }
    }

    /// How to get by without recognising a template.
    static let cure =
        "name another with --template NAME or TELLER_CHAT_TEMPLATE: \(Self.names.joined(separator: ", "))."
}
