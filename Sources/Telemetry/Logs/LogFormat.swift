/// How an event becomes a line.
public enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object, for machines.
    case json
    /// Time, level, label, message and `key=value` pairs, for people.
    case console

    func line(for record: LogRecord) -> String {
        switch self {
        case .json: JSONLine.text(of: record)
        case .console: ConsoleLine.text(of: record)
        }
    }
}
