import AMQP
import Foundation
import Ledger
import Logging
import Postgres
import Teller

/// The servers and settings of a benchmark, and what its processes inherit of them.
struct BenchQueueSite: Sendable {
    let broker: AMQPConfiguration
    let database: PostgresConfiguration
    let databaseEndpoint: AMQPConfiguration.Endpoint?
    let owner: PostgresConfiguration?
    let ticketKeyFile: String
    let configurationFile: String?
    let environment: [String: String]
    /// The running program.
    let program: String
    let logger: Logger

    /// Reads what a worker reads, so that a missing setting is named before anything starts.
    init(settings: SettingsSource, configurationFile: String?, logger: Logger) async throws {
        var environment = ProcessInfo.processInfo.environment
        environment["TELLER_AUTH"] = "broker"
        environment["TELLER_TRUSTED_USERS"] = nil
        environment["TELLER_REPLY_TO_ALLOW"] = "teller.replies.*"
        environment["TELLER_HTTP_PORT"] = "0"
        environment["TELLER_LOG_LEVEL"] = environment["TELLER_LOG_LEVEL"] ?? "warning"
        let worker = try TellerConfiguration(
            reading: try await SettingsSource(environment: environment, file: configurationFile))
        guard worker.amqp.tls == nil else { throw BenchQueueError.needsPlainAMQP }

        // A process is stopped while its queue is filled, which must not look like a dead one.
        let url = settings.text("amqp.url") ?? ""
        environment["TELLER_AMQP_URL"] = url + (url.contains("?") ? "&" : "?") + "heartbeat=0"
        environment["TELLER_POSTGRES_URL"] = settings.text("postgres.url")
        environment["TELLER_TICKET_KEY_FILE"] = worker.ticketKeyFile

        self.broker = worker.amqp
        self.database = worker.postgres
        self.databaseEndpoint = settings.text("postgres.url").flatMap { URLComponents(string: $0) }.flatMap { url in
            url.host.map { AMQPConfiguration.Endpoint(host: $0, port: UInt16(clamping: url.port ?? 5432)) }
        }
        self.owner = settings.text("postgres.admin.url") == nil ? nil : try settings.postgres("postgres.admin.url")
        self.ticketKeyFile = worker.ticketKeyFile
        self.configurationFile = configurationFile
        self.environment = environment
        self.program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        self.logger = logger
    }

    /// Refuses a database without the demonstration customers.
    func checkCustomers() async throws {
        let key = try TicketKey(contentsOfFile: self.ticketKeyFile)
        try await PostgresClient.withClient(self.database, logger: self.logger) { client in
            for id in DemoLedger.customerIDs {
                let customer = Customer(verified: id, request: "bench", expires: Date().addingTimeInterval(60), key: key)
                guard try await !LedgerStore(client: client).ask(Accounts(kind: .checking), as: customer).isEmpty else {
                    throw BenchQueueError.noDemonstration
                }
            }
        }
    }

    /// Deletes the rows of requests whose id starts with the prefix; false when the login may not.
    func deleteRows(of prefix: String) async throws -> Bool {
        guard var owner = self.owner else { return false }
        owner.statementTimeout = .seconds(600)
        owner.queryDeadline = .seconds(610)
        return try await PostgresClient.withClient(owner, logger: self.logger) { client in
            let rows = try await client.query("SELECT row_security_active('teller.requests') AS hidden")
            guard let row = rows.first, try !row.decode("hidden", as: Bool.self) else { return false }
            let pattern = "\(prefix)%"
            try await client.transaction([
                """
                DELETE FROM teller.outbox AS o USING teller.answers AS a
                WHERE a.answer_id = o.answer_id AND a.request_id LIKE \(pattern)
                """,
                "DELETE FROM teller.audit WHERE request_id LIKE \(pattern)",
                "DELETE FROM teller.turns WHERE request_id LIKE \(pattern)",
                "DELETE FROM teller.answers WHERE request_id LIKE \(pattern)",
                "DELETE FROM teller.attempts WHERE request_id LIKE \(pattern)",
                "DELETE FROM teller.requests WHERE request_id LIKE \(pattern)",
                "DELETE FROM teller.conversations WHERE conversation_id LIKE \(pattern)",
            ])
            return true
        }
    }
}

/// Why there is no measurement.
enum BenchQueueError: Error, CustomStringConvertible {
    case needsPlainAMQP
    case noDemonstration
    case processEnded(contender: String, status: Int32)
    case cannotStart(program: String, reason: String)
    case notReady(contender: String, consuming: Int, of: Int)
    case answeredEarly(contender: String)
    case stalled(contender: String, answered: Int, of: Int)
    case wrongAnswers(missing: Int, repeated: Int, notAnswered: Int)

    var description: String {
        switch self {
        case .needsPlainAMQP: "the loops in C speak plain AMQP: set TELLER_AMQP_URL to the broker's amqp:// address"
        case .noDemonstration: "a demonstration customer is missing from the database. Run: teller database demo"
        case .processEnded(let contender, let status):
            "\(contender): a process ended with exit status \(status) before it was told to; what it said is above"
        case .cannotStart(let program, let reason): "\(program) cannot be started: \(reason)"
        case .notReady(let contender, let consuming, let count):
            "\(contender): \(consuming) of \(count) processes consume the queue after a minute; see what they said above, or run: teller doctor"
        case .answeredEarly(let contender):
            "\(contender): requests were answered while the processes were stopped, so that nothing can be measured"
        case .stalled(let contender, let answered, let count):
            "\(contender): \(answered) of \(count) answers came, and none for a minute; see what the processes said above"
        case .wrongAnswers(let missing, let repeated, let notAnswered):
            """
            the path is not sound: of its requests \(missing) have no answer, \(repeated) have more than one, and \(notAnswered) \
            were given up
            """
        }
    }
}
