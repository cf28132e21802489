import Logging

/// `2026-11-25T04:00:53.007Z info     worker: started queues=["a","b"] prefetch=8`, without colours.
enum ConsoleLine {
    static func text(of record: LogRecord) -> String {
        let level = record.level.rawValue
        var line = record.time.rfc3339 + " " + level
        // The longest level is "critical".
        line += String(repeating: " ", count: max(1, 9 - level.count))
        line.appendEscaped(record.label)
        line += ": "
        line.appendEscaped(record.message)
        for (key, value) in record.fields {
            line += " "
            line.appendEscaped(key)
            line += "="
            Self.append(value, to: &line)
        }
        return line + "\n"
    }

    private static func append(_ value: LogRecord.Value, to line: inout String) {
        switch value {
        case .text(let text):
            // Unquoted where no reader could mistake where it ends.
            let isWord = !text.isEmpty && !text.unicodeScalars.contains { " =,\"".unicodeScalars.contains($0) }
            if !isWord { line += "\"" }
            line.appendEscaped(text)
            if !isWord { line += "\"" }
        case .literal(let literal):
            line += literal
        case .list(let values):
            line += "["
            for (index, value) in values.enumerated() {
                if index > 0 { line += "," }
                Self.append(value, to: &line)
            }
            line += "]"
        }
    }
}
