/// One message of a conversation, as a chat model reads it.
public struct ChatMessage: Sendable, Hashable {
    /// Who says it.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case system, user, assistant
    }

    public let role: Role
    public let content: String

    public init(_ role: Role, _ content: String) {
        self.role = role
        self.content = content
    }
}
