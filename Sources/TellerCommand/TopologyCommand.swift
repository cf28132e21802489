import AMQP
import ArgumentParser
import Teller
import TellerMessages

/// `teller topology`
struct TopologyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology",
        abstract: "Declare, check or delete the exchanges and queues.",
        subcommands: [Apply.self, Check.self, Delete.self])

    struct Apply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Declare whatever is missing.",
            discussion: "Safe to repeat. A queue that is there with other arguments is an error: its messages would be lost by changing it.")

        @OptionGroup var options: CommandOptions

        func run() async throws {
            try await self.options.withBroker { try await AMQPTopology.teller.apply(on: $0) }
            let topology = AMQPTopology.teller
            self.options.show(
                [
                    "exchanges": .array(topology.exchanges.map { .string($0.name) }),
                    "queues": .array(topology.queues.map { .string($0.name) }),
                ]
            ) {
                "\(topology.exchanges.count) exchanges, \(topology.queues.count) queues and \(topology.bindings.count) bindings are in place."
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say what is missing or different; exit 78 when something is.")

        @OptionGroup var options: CommandOptions

        func run() async throws {
            let missing = try await self.options.withBroker { try await AMQPTopology.teller.check(on: $0) }
            self.options.show(["missing": .array(missing.map { .string("\($0)") })]) {
                missing.isEmpty ? "Everything is in place." : missing.map { "\($0)" }.joined(separator: "\n")
            }
            if !missing.isEmpty { throw ExitStatus.configuration }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete the exchanges and queues, and every message in them.")

        @Flag(help: "Really delete.")
        var force = false

        @OptionGroup var options: CommandOptions

        func validate() throws {
            guard self.force else {
                throw ValidationError("this deletes every waiting request, answer and dead letter; repeat it with --force")
            }
        }

        func run() async throws {
            try await self.options.withBroker { try await AMQPTopology.teller.delete(on: $0) }
            self.options.show(["deleted": true]) { "Deleted." }
        }
    }
}

extension CommandOptions {
    /// Runs the body with a connection to the broker; failures are reported.
    fileprivate func withBroker<Result: Sendable>(
        _ body: (AMQPConnection) async throws -> Result
    ) async throws -> Result {
        var result: Result?
        try await reportingFailure {
            let connection = try await AMQPConnection.connect(try await self.settings().amqp())
            do {
                result = try await body(connection)
                await connection.close()
            } catch {
                await connection.close()
                throw error
            }
        }
        guard let result else { throw ExitStatus.software }
        return result
    }
}
