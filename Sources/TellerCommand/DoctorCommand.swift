import AMQP
import ArgumentParser
import Assistant
import Ledger
import Postgres
import Teller
import TellerMessages
import Transformer

/// `teller doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check everything that a worker needs, and say how to cure what is wrong.",
        discussion: "Exit 0 when all is well, 78 when something is not.")

    @OptionGroup var options: CommandOptions

    /// One thing that was looked at; an error is what is wrong with it.
    private struct Finding {
        let name: String
        let error: String?
    }

    func run() async throws {
        var findings: [Finding] = []
        try await reportingFailure {
            let settings = try await self.options.settings()
            let logger = self.options.logger()
            findings.append(await Self.look("settings") { _ = try TellerConfiguration(reading: settings) })
            findings.append(await Self.look("ticket key") {
                if let file = settings.text("ticket.key.file") { _ = try TicketKey(contentsOfFile: file) }
            })
            findings.append(await Self.look("model") {
                let model = try LanguageModel.load(path: settings.text("model") ?? EmbeddedModel.directory)
                _ = try ModelProfile(for: model)
            })
            findings += await Self.lookAtBroker(of: settings)
            findings.append(await Self.look("exchanges and queues") {
                try await StartupCheck.checkTopology(of: try settings.amqp())
            })
            findings.append(await Self.look("database") {
                try await PostgresClient.withClient(try settings.postgres(), logger: logger) { _ = try await $0.query("SELECT 1") }
            })
            findings.append(await Self.look("database schema") {
                try await PostgresClient.withClient(try settings.postgres(), logger: logger) { client in
                    try await StartupCheck.checkSchema(of: client)
                }
            })
            findings.append(await Self.look("database role") {
                try await PostgresClient.withClient(try settings.postgres(), logger: logger) { client in
                    try await LedgerStore(client: client).checkRole()
                }
            })
        }
        let isWell = findings.allSatisfy { $0.error == nil }
        self.options.show(["healthy": .bool(isWell), "checks": .array(findings.map {
            ["name": .string($0.name), "ok": .bool($0.error == nil), "error": $0.error.map { .string($0) } ?? .null]
        })]) {
            findings.map { "\($0.error == nil ? "ok  " : "BAD ") \($0.name)\($0.error.map { ": \($0)" } ?? "")" }.joined(separator: "\n")
        }
        if !isWell { throw ExitStatus.configuration }
    }

    /// Looks at every node of the broker, because one that is down is not missed while others answer.
    private static func lookAtBroker(of settings: SettingsSource) async -> [Finding] {
        var nodes: [(name: String, broker: AMQPConfiguration)] = []
        let reading = await Self.look("broker") {
            let broker = try settings.amqp()
            nodes = broker.endpoints.map { endpoint in
                var node = broker
                node.endpoints = [endpoint]
                return ("broker \(endpoint)", node)
            }
        }
        guard reading.error == nil else { return [reading] }
        var findings: [Finding] = []
        for (name, node) in nodes {
            findings.append(await Self.look(name) { await (try AMQPConnection.connect(node)).close() })
        }
        return findings
    }

    private static func look(_ name: String, _ check: () async throws -> Void) async -> Finding {
        do {
            try await check()
            return Finding(name: name, error: nil)
        } catch {
            return Finding(name: name, error: "\(error)")
        }
    }
}
