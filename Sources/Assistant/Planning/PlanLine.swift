import TellerMessages

extension ToolCall {
    /// Reads a plan in the line dialect: `tool` and then `; name=value` for each argument.
    ///
    /// Values are kept as written. Whether the tool exists and takes them is for ``Toolbox`` to say.
    init?(planLine line: String) {
        let parts = line.split(separator: "; ", omittingEmptySubsequences: false)
        guard let tool = parts.first, !tool.isEmpty, !tool.contains("=") else { return nil }
        var arguments = JSONObject()
        for part in parts.dropFirst() {
            guard let equals = part.firstIndex(of: "=") else { return nil }
            let name = String(part[..<equals])
            let value = String(part[part.index(after: equals)...])
            guard !name.isEmpty, !value.isEmpty, arguments[name] == nil else { return nil }
            arguments[name] = .string(value)
        }
        self.init(tool: String(tool), arguments: arguments)
    }

    /// The plan in the line dialect, its arguments in the order in which they stand.
    var planLine: String {
        self.arguments.members.reduce(into: self.tool) { line, member in
            if let value = member.value.written { line += "; \(member.name)=\(value)" }
        }
    }
}

extension JSONValue {
    /// The text of a string or of a number, which is how a plan writes either.
    var written: String? {
        switch self {
        case .string(let text), .number(let text): text
        default: nil
        }
    }
}
