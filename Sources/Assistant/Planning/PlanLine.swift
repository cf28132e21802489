import TellerMessages

extension ToolCall {
    /// Reads a plan in the line dialect: `tool` and then `; name=value` for each argument.
    ///
    /// Values are kept as written. Whether the tool exists and takes them is for ``Toolbox`` to say.
    init?(planLine line: String) {
        // Over bytes: as characters, a semicolon and a combining mark after it would be one.
        let parts = Array(line.utf8).split(separator: Array("; ".utf8), omittingEmptySubsequences: false)
        guard let tool = parts.first, !tool.isEmpty, !tool.contains(where: { "=;".utf8.contains($0) }) else {
            return nil
        }
        var arguments = JSONObject()
        for part in parts.dropFirst() {
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = String(decoding: part[..<equals], as: UTF8.self)
            let value = String(decoding: part[(equals + 1)...], as: UTF8.self)
            guard !name.isEmpty, !value.isEmpty, arguments[name] == nil else { return nil }
            arguments[name] = .string(value)
        }
        self.init(tool: String(decoding: tool, as: UTF8.self), arguments: arguments)
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
