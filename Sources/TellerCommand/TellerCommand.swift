import ArgumentParser

/// The command line: `teller`.
@main
struct TellerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "teller",
        abstract: "Answers bank and brokerage customers' chat messages from a queue.",
        discussion: """
            A worker takes requests from RabbitMQ, reads the customer's rows from PostgreSQL, plans and words the answer with a \
            transformer on this machine's processors, checks every figure against the rows, and publishes the answer.

            Settings come from the environment, prefix TELLER_, or from a JSON file given with --config: TELLER_AMQP_URL and \
            TELLER_POSTGRES_URL first of all. A secret can be given as a file: TELLER_AMQP_URL_FILE. A new installation runs \
            'teller topology apply', 'teller database migrate' and then 'teller worker'; 'teller doctor' says what is missing.

            Exit codes follow sysexits: 0 done, 64 usage, 65 unusable input, 69 a server is away, 75 try again, 78 configuration.
            """,
        subcommands: [
            WorkerCommand.self, AskCommand.self, TopologyCommand.self, DatabaseCommand.self, ModelCommand.self, DeadCommand.self,
            BenchCommand.self, DoctorCommand.self,
        ])
}
