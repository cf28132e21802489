/// A plan: the one tool that answers the question, and its arguments.
public struct ToolCall: Sendable, Hashable {
    public var tool: String
    public var arguments: JSONObject

    public init(tool: String, arguments: JSONObject = JSONObject()) {
        self.tool = tool
        self.arguments = arguments
    }

    public var json: JSONValue { ["tool": .string(self.tool), "arguments": .object(self.arguments)] }
}
