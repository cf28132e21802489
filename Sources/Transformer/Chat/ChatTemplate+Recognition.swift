extension ChatTemplate {
    /// Templates are a few thousand characters; the configuration of Llama 3 with all its tokens is 50 kB.
    private static let maximumFileSize = 16 << 20

    /// The template of a checkpoint directory: `chat_template.jinja`, or what `tokenizer_config.json` says.
    ///
    /// - Throws: ``TransformerError`` that says how to name a template where there is none, or none that is known.
    public static func recognised(directory: String) throws(TransformerError) -> ChatTemplate {
        let file = "\(directory)/chat_template.jinja"
        if FileStatus.exists(file) {
            let memory = try ReadOnlyMemory(mapping: file)
            guard memory.count <= Self.maximumFileSize else {
                throw TransformerError(
                    .limitExceeded, "\(file) has \(memory.count) bytes; at most \(Self.maximumFileSize) are read.")
            }
            return try self.recognised(from: memory.withBytes { String(decoding: $0, as: UTF8.self) }, source: file)
        }
        let configuration = "\(directory)/tokenizer_config.json"
        guard FileStatus.exists(configuration) else { throw self.absent(directory) }
        let json = try JSON(contentsOf: configuration, limit: Self.maximumFileSize)
        guard let text = self.text(json["chat_template"]) else { throw self.absent(configuration) }
        return try self.recognised(from: text, source: configuration)
    }

    /// The template in a GGUF file's metadata: `tokenizer.chat_template`.
    static func recognised(gguf metadata: [String: GGUFValue], source: String) throws(TransformerError) -> ChatTemplate
    {
        guard let text = metadata["tokenizer.chat_template"]?.string else { throw self.absent(source) }
        return try self.recognised(from: text, source: source)
    }

    /// The family of which a template has the distinguishing marks.
    ///
    /// - Parameters:
    ///   - template: The template's text, in Jinja.
    ///   - source: What errors name.
    public static func recognised(
        from template: String, source: String = "The chat template"
    ) throws(TransformerError) -> ChatTemplate {
        // In a Jinja string a newline may be written as itself or as an escape.
        let text = template.replacing("\\n", with: "\n")
        if text.contains("<|im_start|>") {
            return ChatTemplate(.chatML(begins: text.contains("bos_token"), system: self.systemMessage(text)))
        }
        if text.contains("<|start_header_id|>") {
            return ChatTemplate(.llama3(dates: text.contains("Cutting Knowledge Date: December 2023")))
        }
        if text.contains("<start_of_turn>") { return ChatTemplate(.gemma) }
        if text.contains("<<SYS>>") { return ChatTemplate(.llama2) }
        if text.contains("[INST]"), text.contains("[/INST]") { return ChatTemplate(.mistral(MistralSpelling(text))) }
        throw TransformerError(.unsupported, "\(source) has a chat template that is not known; \(self.cure)")
    }

    /// One template, or of several named ones the default.
    private static func text(_ json: JSON?) -> String? {
        if let text = json?.string { return text }
        let named = json?.array?.first { $0["name"] == .string("default") } ?? json?.array?.first
        return named?["template"]?.string
    }

    /// What a ChatML template says to the model where the conversation has no system message.
    private static func systemMessage(_ text: String) -> String? {
        for part in text.split(separator: "<|im_start|>system\n").dropFirst() {
            let message = part.prefix { $0 != "<" && $0 != "'" && $0 != "\"" }
            if !message.isEmpty, part[message.endIndex...].hasPrefix("<|im_end|>") { return String(message) }
        }
        return nil
    }

    private static func absent(_ source: String) -> TransformerError {
        TransformerError(.missing, "\(source) has no chat template; \(self.cure)")
    }
}
