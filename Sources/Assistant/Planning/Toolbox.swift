public import TellerMessages

/// The tools that plans may call, and the one place where a plan becomes valid.
public struct Toolbox: Sendable {
    let tools: [any Tool]

    /// Everything that the assistant can do today.
    public static let standard = Toolbox([
        AccountsList(), AccountBalance(), TransactionsSearch(), SpendingSummary(), KnowledgeSearch(), Greet(),
        Clarify(),
        Handoff(),
    ])

    init(_ tools: [any Tool]) { self.tools = tools }

    /// The tool with this name.
    func tool(named name: String) throws(AssistantError) -> any Tool {
        guard let tool = self.tools.first(where: { $0.name == name }) else {
            throw .unknownTool(takes: self.tools.map(\.name).joined(separator: ", "))
        }
        return tool
    }

    /// A call whose tool exists, and whose arguments are all known, all there and all of the kind that the tool takes.
    ///
    /// - Returns: The call with its arguments in the tool's order, each as a string as it was written.
    /// - Throws: ``AssistantError``, which names the argument and what it takes, never what was given.
    public func validated(_ call: ToolCall) throws(AssistantError) -> ToolCall {
        let tool = try self.tool(named: call.tool)
        for name in call.arguments.names where !tool.arguments.contains(where: { $0.name == name }) {
            throw .invalidArgument(
                name: Self.printable(name),
                takes: "no such argument, only \(tool.arguments.map(\.name).joined(separator: ", "))")
        }
        var valid = ToolCall(tool: tool.name)
        for argument in tool.arguments {
            guard let given = call.arguments[argument.name], given != .null else {
                guard !argument.isRequired else { throw .missingArgument(name: argument.name, takes: argument.takes) }
                continue
            }
            guard let value = given.written, argument.accepts(value) else {
                throw .invalidArgument(name: argument.name, takes: argument.takes)
            }
            valid.arguments[argument.name] = .string(value)
        }
        return valid
    }

    /// The tools as JSON: for each its name and the JSON Schema (2020-12) of its arguments.
    public var schema: JSONValue {
        .array(
            self.tools.map { tool in
                var properties = JSONObject()
                for argument in tool.arguments { properties[argument.name] = argument.schema }
                let required = tool.arguments.filter(\.isRequired).map { JSONValue.string($0.name) }
                return [
                    "name": .string(tool.name),
                    "arguments": [
                        "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
                        "properties": .object(properties), "required": .array(required), "additionalProperties": false,
                    ],
                ]
            })
    }

    /// An argument's name as far as it may be shown: one that looks like a name, or a question mark.
    private static func printable(_ name: String) -> String {
        let isName =
            (1...32).contains(name.utf8.count) && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
        return isName ? name : "?"
    }
}
