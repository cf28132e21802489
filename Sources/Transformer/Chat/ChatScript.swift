/// A conversation as a family writes it: control tokens, and the texts between them.
struct ChatScript {
    enum Part {
        case text(String)
        /// A token that the tokenizer must have.
        case control(String)
        /// A token where the tokenizer has it, and otherwise the same as text.
        case mark(String)
        /// What the tokenizer starts a sequence with.
        case begin
    }

    private(set) var parts: [Part] = []

    init(_ family: ChatTemplate.Family, _ conversation: ChatConversation) {
        switch family {
        case .chatML(let begins, let system): self.writeChatML(conversation, begins: begins, system: system)
        case .llama2: self.writeLlama2(conversation)
        case .llama3(let dates): self.writeLlama3(conversation, dates: dates)
        case .mistral(let spelling): self.writeMistral(conversation, spelling)
        case .gemma: self.writeGemma(conversation)
        case .plain: self.writePlain(conversation)
        }
    }

    private mutating func writeChatML(_ conversation: ChatConversation, begins: Bool, system: String?) {
        if begins { self.parts.append(.begin) }
        for (role, content) in Self.messages(conversation, system: conversation.system ?? system) {
            self.parts += [.control("<|im_start|>"), .text("\(role)\n\(content)"), .control("<|im_end|>"), .text("\n")]
        }
        self.parts += [.control("<|im_start|>"), .text("assistant\n")]
    }

    private mutating func writeLlama2(_ conversation: ChatConversation) {
        for (index, turn) in conversation.turns.enumerated() {
            let system = index == 0 ? conversation.system.map { "<<SYS>>\n\($0)\n<</SYS>>\n\n" } : nil
            let question = Self.trimmed((system ?? "") + turn.question)
            self.parts += [.control("<s>"), .text("[INST] \(question) [/INST]")]
            if let answer = turn.answer { self.parts += [.text(" \(Self.trimmed(answer)) "), .control("</s>")] }
        }
    }

    private mutating func writeLlama3(_ conversation: ChatConversation, dates: Bool) {
        self.parts.append(.control("<|begin_of_text|>"))
        var system = conversation.system.map(Self.trimmed)
        // What the template says where it is told no date.
        if dates { system = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n" + (system ?? "") }
        for (role, content) in Self.messages(conversation, system: nil) {
            if let text = system { self.writeLlama3("system", text) }
            system = nil
            self.writeLlama3(role, Self.trimmed(content))
        }
        self.writeLlama3Header("assistant")
    }

    private mutating func writeLlama3(_ role: String, _ content: String) {
        self.writeLlama3Header(role)
        self.parts += [.text(content), .control("<|eot_id|>")]
    }

    private mutating func writeLlama3Header(_ role: String) {
        self.parts += [
            .control("<|start_header_id|>"), .text(role), .control("<|end_header_id|>"), .text("\n\n"),
        ]
    }

    private mutating func writeMistral(_ conversation: ChatConversation, _ spelling: MistralSpelling) {
        self.parts.append(.control("<s>"))
        for (index, turn) in conversation.turns.enumerated() {
            let hasSystem = index == (spelling.putsSystemLast ? conversation.turns.count - 1 : 0)
            let system = hasSystem ? conversation.system.map { "\($0)\n\n" } : nil
            self.parts += [
                .mark("[INST]"), .text((spelling.opensWithSpace ? " " : "") + (system ?? "") + turn.question),
                .text(spelling.closesWithSpace ? " " : ""), .mark("[/INST]"),
            ]
            guard let answer = turn.answer else { continue }
            let text = spelling.trimsAnswers ? Self.trimmed(answer) : answer
            self.parts += [.text((spelling.answersWithSpace ? " " : "") + text), .control("</s>")]
        }
    }

    private mutating func writeGemma(_ conversation: ChatConversation) {
        self.parts.append(.control("<bos>"))
        // Gemma knows no system messages: what one says is said by the user first.
        var system = conversation.system.map { Self.trimmed($0) + "\n\n" } ?? ""
        for (role, content) in Self.messages(conversation, system: nil) {
            let name = role == "assistant" ? "model" : role
            self.parts += [
                .control("<start_of_turn>"), .text("\(name)\n\(system)\(Self.trimmed(content))"),
                .control("<end_of_turn>"), .text("\n"),
            ]
            system = ""
        }
        self.parts += [.control("<start_of_turn>"), .text("model\n")]
    }

    private mutating func writePlain(_ conversation: ChatConversation) {
        self.parts.append(.begin)
        if let system = conversation.system { self.parts.append(.text("\(system)\n\n")) }
        for turn in conversation.turns {
            self.parts.append(.text("User: \(turn.question)\nAssistant:"))
            if let answer = turn.answer { self.parts.append(.text(" \(answer)\n")) }
        }
    }

    // MARK: - Texts

    private static func messages(
        _ conversation: ChatConversation, system: String?
    ) -> [(role: String, content: String)] {
        var messages: [(role: String, content: String)] = []
        if let system { messages.append(("system", system)) }
        for turn in conversation.turns {
            messages.append(("user", turn.question))
            if let answer = turn.answer { messages.append(("assistant", answer)) }
        }
        return messages
    }

    /// Without the white space around it.
    private static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
