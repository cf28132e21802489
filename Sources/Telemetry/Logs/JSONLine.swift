import Logging

/// One JSON object on one line: `time`, `level`, `label`, `message`, then the metadata.
enum JSONLine {
    private static let ownKeys: Set<String> = ["time", "level", "label", "message"]

    static func text(of record: LogRecord) -> String {
        var line = "{\"time\":\"\(record.time.rfc3339)\",\"level\":\"\(record.level.rawValue)\",\"label\":"
        Self.append(string: record.label, to: &line)
        line += ",\"message\":"
        Self.append(string: record.message, to: &line)
        for (key, value) in record.fields {
            line += ","
            // A repeated key would make the object ambiguous.
            Self.append(string: Self.ownKeys.contains(key) ? "metadata.\(key)" : key, to: &line)
            line += ":"
            Self.append(value, to: &line)
        }
        return line + "}\n"
    }

    private static func append(_ value: LogRecord.Value, to line: inout String) {
        switch value {
        case .text(let text): Self.append(string: text, to: &line)
        case .literal(let literal): line += literal
        case .list(let values):
            line += "["
            for (index, value) in values.enumerated() {
                if index > 0 { line += "," }
                Self.append(value, to: &line)
            }
            line += "]"
        }
    }

    private static func append(string: String, to line: inout String) {
        line += "\""
        line.appendEscaped(string)
        line += "\""
    }
}
