import ArgumentParser
import Logging
import Teller
import TellerMessages
import Telemetry

/// What every subcommand takes.
struct CommandOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A JSON file with settings, read after the environment.", valueName: "file"))
    var config: String?

    @Option(help: "How to print: text for people, json for programs.")
    var output: OutputFormat = .text

    func settings() async throws -> SettingsSource {
        try await SettingsSource(file: self.config)
    }

    /// A logger for a tool that a person runs: quiet, on standard error.
    func logger() -> Logger { Self.logger }

    // The log can be set up once in a process.
    private static let logger: Logger = {
        LogOutput.bootstrap(level: .error, format: .console)
        return Logger(label: "teller")
    }()

    /// Prints the document, or the text made of it.
    func show(_ document: JSONValue, text: () -> String) {
        print(self.output == .json ? document.text : text())
    }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}
