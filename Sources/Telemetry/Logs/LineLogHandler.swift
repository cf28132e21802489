public import Logging

/// Formats each event as one line and hands it to a writer, which never blocks.
public struct LineLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let writer: LogWriter
    private let format: LogFormat

    public init(
        label: String, writer: LogWriter, format: LogFormat = .json, logLevel: Logger.Level = .info,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        self.writer = writer
        self.format = format
        self.logLevel = logLevel
        self.metadataProvider = metadataProvider
    }

    public func log(event: LogEvent) {
        var metadata = self.metadata
        if let provided = self.metadataProvider?.get(), !provided.isEmpty { metadata.merge(provided) { $1 } }
        let record = LogRecord(event, label: self.label, metadata: metadata, time: .now())
        self.writer.write(self.format.line(for: record))
    }

    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }
}
