import Logging

/// An event as it is written: stamped, and its metadata flattened and sorted.
struct LogRecord {
    /// What a metadata value is on the line.
    enum Value {
        case text(String)
        /// A number or a truth value, which need no quotes.
        case literal(String)
        case list([Value])
    }

    let time: LogTime
    let level: Logger.Level
    let label: String
    let message: String
    /// Nested keys are joined with dots, in order of the keys.
    let fields: [(key: String, value: Value)]

    /// Takes an event's own metadata over the handler's.
    ///
    /// Of an error only the type is kept: its text may quote a customer's data.
    init(_ event: LogEvent, label: String, metadata: Logger.Metadata, time: LogTime) {
        self.time = time
        self.level = event.level
        self.label = label
        self.message = event.message.description
        var metadata = metadata
        if let own = event.metadata { metadata.merge(own) { $1 } }
        if let error = event.error { metadata["error.type"] = .string(String(reflecting: type(of: error))) }
        var fields: [(key: String, value: Value)] = []
        Self.flatten(metadata, prefix: "", into: &fields)
        self.fields = fields
    }

    private static func flatten(
        _ metadata: Logger.Metadata, prefix: String, into fields: inout [(key: String, value: Value)]
    ) {
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .dictionary(let nested): Self.flatten(nested, prefix: "\(prefix)\(key).", into: &fields)
            default: fields.append((prefix + key, Self.value(of: value)))
            }
        }
    }

    private static func value(of value: Logger.MetadataValue) -> Value {
        switch value {
        case .string(let text): .text(text)
        case .stringConvertible(let number as any BinaryInteger): .literal("\(number)")
        case .stringConvertible(let flag as Bool): .literal("\(flag)")
        case .stringConvertible(let number as Double) where number.isFinite: .literal("\(number)")
        case .stringConvertible(let other): .text(other.description)
        case .array(let values): .list(values.map(Self.value))
        case .dictionary: .text(value.description)
        }
    }
}
