/// Messages in the order that chat models are taught: the user and the assistant in turn, and before them the system.
struct ChatConversation {
    struct Turn {
        let question: String
        /// Absent in the last turn, which is to be answered.
        let answer: String?
    }

    let system: String?
    /// At least one; all but the last are answered.
    let turns: [Turn]

    init(_ messages: [ChatMessage]) throws(TransformerError) {
        self.system = messages.first?.role == .system ? messages.first?.content : nil
        let rest = messages.dropFirst(self.system == nil ? 0 : 1)
        let roles: [ChatMessage.Role] = [.user, .assistant]
        let isInTurn = zip(rest, 0...).allSatisfy { message, index in message.role == roles[index % 2] }
        guard isInTurn, rest.count % 2 == 1 else {
            throw TransformerError(
                .invalidRequest,
                "A conversation is a system message or none, then messages of user and assistant in turn, from a user's "
                    + "to a user's; these are \(messages.map(\.role.rawValue).joined(separator: ", ")).")
        }
        let texts = rest.map(\.content)
        self.turns = stride(from: 0, to: texts.count, by: 2).map { index in
            Turn(question: texts[index], answer: index + 1 < texts.count ? texts[index + 1] : nil)
        }
    }
}
