import Foundation
import TellerMessages
import Testing

@testable import Assistant

@Suite struct ToolboxTests {
    private let toolbox = Toolbox.standard

    @Test func `a given plan is put into the tool's order, its numbers as they were written`() throws {
        let call = ToolCall(
            tool: "transactions.search",
            arguments: ["period": "last_month", "min": 500, "merchant": "Café Zoë", "count": "五", "text": .null])
        let valid = try self.toolbox.validated(call)
        #expect(valid.arguments.names == ["merchant", "min", "count", "period"])
        #expect(valid.planLine == "transactions.search; merchant=Café Zoë; min=500; count=五; period=last_month")
        #expect(try self.toolbox.validated(valid) == valid)
    }

    private static let refused: [(String, JSONObject)] = [
        ("account.balance", ["account": "gold"]), ("account.balance", ["account": 5]),
        ("transactions.search", ["min": "much"]),
        ("transactions.search", ["min": "-5"]), ("transactions.search", ["min": .number("1e3")]),
        ("transactions.search", ["count": 0]), ("transactions.search", ["count": 366]),
        ("transactions.search", ["count": "2.5"]),
        ("transactions.search", ["merchant": ""]), ("transactions.search", ["merchant": "a;b"]),
        ("transactions.search", ["merchant": "a\nb"]), ("transactions.search", ["merchant": ["a"]]),
        ("transactions.search", ["merchant": .string(String(repeating: "x", count: 65))]),
        ("spending.summary", ["period": "soon"]),
        ("greet", ["about": "question"]), ("clarify", ["about": "weather"]), ("handoff", ["reason": true]),
    ]

    @Test(arguments: refused)
    func `an argument that is not taken is named with what is taken`(tool: String, arguments: JSONObject) throws {
        let name = try #require(arguments.names.first)
        let error = #expect(throws: AssistantError.self) {
            try self.toolbox.validated(ToolCall(tool: tool, arguments: arguments))
        }
        guard case .invalidArgument(name, let takes) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(!takes.isEmpty && error?.description.contains(name) == true)
    }

    @Test func `an unknown tool and a missing argument say what there is`() {
        #expect(throws: AssistantError.unknownTool(takes: self.toolbox.tools.map(\.name).joined(separator: ", "))) {
            try self.toolbox.validated(ToolCall(tool: "accounts.delete"))
        }
        #expect(
            throws: AssistantError.missingArgument(
                name: "about", takes: "one of account, merchant, period, amount, question")
        ) {
            try self.toolbox.validated(ToolCall(tool: "clarify"))
        }
    }

    @Test func `an error never repeats what was given`() {
        for arguments: JSONObject in [["account": "SECRET-1234"], ["secret 1234 name": "x"]] {
            let error = #expect(throws: AssistantError.self) {
                try self.toolbox.validated(ToolCall(tool: "account.balance", arguments: arguments))
            }
            #expect(error?.description.contains("1234") == false)
        }
    }

    @Test func `each tool has a schema that names its arguments`() throws {
        let tools = try #require(self.toolbox.schema.array)
        #expect(tools.count == 8)
        let clarify = try #require(tools.first { $0.object?["name"] == "clarify" }?.object?["arguments"]?.object)
        #expect(clarify["required"] == ["about"] && clarify["additionalProperties"] == false)
        #expect(clarify["properties"]?.object?["about"]?.object?["enum"]?.array?.count == 5)
    }

    @Test(arguments: [
        "", ";", "greet;", "greet; ", "greet; a", "greet; =b", "greet; a=", "greet; a=1; a=2", "a=b",
    ])
    func `a line that is no plan is none`(line: String) { #expect(ToolCall(planLine: line) == nil) }

    @Test func `a value may hold an equals sign`() {
        #expect(ToolCall(planLine: "transactions.search; merchant=a=b")?.arguments["merchant"] == "a=b")
    }

    @Test func `bounds the wrong way round are turned`() {
        let arguments = ToolArguments(
            validated: ToolCall(tool: "transactions.search", arguments: ["min": "2k", "max": "五百"]))
        #expect(arguments.bounds.minimum == 500 && arguments.bounds.maximum == 2000)
        #expect(arguments.writtenBounds.minimum == "五百" && arguments.writtenBounds.maximum == "2k")
    }
}
