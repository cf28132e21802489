import AMQP
import ArgumentParser
import Assistant
import Configuration
import DeadLetters
import Glibc
import Ledger
import Postgres
import Teller
import TellerClient
import TellerMessages
import Transformer

/// Exit codes of `sysexits.h`.
enum ExitStatus {
    static let usage = ExitCode(64)
    static let data = ExitCode(65)
    static let unavailable = ExitCode(69)
    static let software = ExitCode(70)
    static let temporary = ExitCode(75)
    static let configuration = ExitCode(78)
}

/// Runs a subcommand's work; an error becomes one sentence on standard error and an exit code.
func reportingFailure(_ work: () async throws -> Void) async throws {
    do {
        try await work()
    } catch let code as ExitCode {
        throw code
    } catch {
        try? FileDescriptorText.standardError("teller: \(error)\n")
        throw exitCode(for: error)
    }
}

private func exitCode(for error: any Error) -> ExitCode {
    switch error {
    case is ConfigurationError: ExitStatus.configuration
    case is LedgerError, is StartupError: ExitStatus.configuration
    case is WatchdogError, is ChatClientError: ExitStatus.temporary
    case ReplayError.overtaken: ExitStatus.temporary
    case is ReplayError: ExitStatus.data
    case is MalformedMessage, is TransformerError, is AssistantError, is DeadLetterDocument.Malformed, is FileFailure: ExitStatus.data
    case let error as PostgresError where error.sqlState == "42601": ExitStatus.usage
    case let error as AMQPError: error.isTransient ? ExitStatus.unavailable : ExitStatus.configuration
    case let error as PostgresError: error.isTransient ? ExitStatus.unavailable : ExitStatus.configuration
    default: ExitStatus.software
    }
}

/// Text for a descriptor, past Swift's buffered standard output.
enum FileDescriptorText {
    static func standardError(_ text: String) throws {
        var text = text
        text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
