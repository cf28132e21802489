import Glibc
public import Logging

/// The log of this process: one line an event on standard error.
public enum LogOutput {
    /// Sends every `Logger` made from now on to standard error.
    ///
    /// Call it once, first thing.
    ///
    /// The log can never stop the process: `SIGPIPE` is ignored, lines that nobody takes are dropped and counted in
    /// `teller_log_lines_dropped_total`, and exit waits for what is still unwritten for a second at most.
    public static func bootstrap(level: Logger.Level = .info, format: LogFormat = .json) {
        signal(SIGPIPE, SIG_IGN)
        Self.reserveStandardDescriptors()
        let writer = LogWriter.standardError
        LoggingSystem.bootstrap(
            { label, provider in
                LineLogHandler(
                    label: label, writer: writer, format: format, logLevel: level, metadataProvider: provider)
            }, metadataProvider: nil)
        atexit { LogOutput.flush() }
    }

    /// Waits until what was logged is written, or the time is over.
    ///
    /// Blocks its thread: call it last.
    ///
    /// - Returns: Whether everything was written or dropped.
    @discardableResult
    public static func flush(within time: Duration = .seconds(1)) -> Bool {
        LogWriter.standardError.flush(within: time)
    }

    /// Fills in standard descriptors that the parent closed, so that no connection is ever given number 2 and the log
    /// written into it.
    ///
    /// Opened for reading only: writing fails, and the lines count as dropped.
    private static func reserveStandardDescriptors() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDONLY)
        }
    }
}
