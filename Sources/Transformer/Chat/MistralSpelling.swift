/// The details in which the versions of Mistral's template differ.
struct MistralSpelling: Sendable, Hashable {
    /// Whether there is a space after `[INST]`, and before `[/INST]`.
    var opensWithSpace = true
    var closesWithSpace = true
    /// Whether there is a space before an answer.
    var answersWithSpace = true
    /// Whether white space around an answer is left out.
    var trimsAnswers = false
    /// Whether the system message is in the last question instead of the first.
    var putsSystemLast = false

    init() {}

    /// - Parameter template: The template's text.
    init(_ template: String) {
        let text = template.replacing("\"", with: "'")
        self.opensWithSpace = text.contains("[INST] ")
        self.closesWithSpace = text.contains(" [/INST]")
        self.answersWithSpace = text.contains("' ' + message['content']") || text.contains("' ' + message.content")
        self.trimsAnswers = text.contains("message['content']|trim") || text.contains("message['content'] | trim")
        self.putsSystemLast = text.contains("loop.last and system_message is defined")
    }
}
