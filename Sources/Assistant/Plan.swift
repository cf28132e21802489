public import TellerMessages

/// The tool call that answers a question, and who made it.
public struct Plan: Sendable, Hashable {
    public enum Maker: String, Sendable {
        /// It came with the request.
        case request
        /// The model wrote it.
        case model
    }

    /// A call that the toolbox has validated: it names a tool and carries what that tool takes, as written.
    public let call: ToolCall
    /// The tokens that planning took; none for a given plan.
    public let usage: ChatAnswer.Usage
    public let madeBy: Maker

    init(call: ToolCall, usage: ChatAnswer.Usage = .init(), madeBy: Maker) {
        self.call = call
        self.usage = usage
        self.madeBy = madeBy
    }
}
