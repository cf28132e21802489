import AMQP
import Assistant
import Foundation
import Ledger
public import Logging
import Postgres
import ServiceLifecycle
public import Telemetry
import TellerMessages
import Transformer
import UnixSignals

/// A worker and everything it needs, made from one configuration.
///
///     let service = try await TellerService(configuration, logger: logger)
///     try await service.run()        // until SIGTERM or SIGINT, then drains
public struct TellerService: Sendable {
    private let group: ServiceGroup

    /// Loads the model and the keys. Nothing is consumed, and no server need be up, before ``run()``.
    ///
    /// - Parameter metrics: Where `/metrics` reads from; the caller has made it the process's metrics system.
    public init(_ configuration: TellerConfiguration, metrics: PrometheusRegistry, logger: Logger) async throws {
        let authenticator = try await Self.authenticator(configuration)
        let ticketKey = try TicketKey(contentsOfFile: configuration.ticketKeyFile)
        let engine = try InferenceEngine(configuration.model)

        let postgres = PostgresClient(configuration.postgres, logger: logger)
        let publisher = AMQPPublisher(configuration.amqp, logger: logger)
        let consumer = AMQPConsumer(
            configuration.amqp, queues: configuration.queues, prefetch: configuration.prefetch, logger: logger)
        let ledger = LedgerStore(client: postgres)
        let journal = RequestJournal(postgres: postgres, worker: UUID())
        let marks = PublicationMarks(journal: journal)
        let answers = AnswerPublisher(
            publisher: publisher, policy: ReplyPolicy(patterns: configuration.replyToAllow), marks: marks)
        let deadLetters = AMQPConsumer(
            configuration.amqp, queues: [DeadLetterDrain.queue], prefetch: DeadLetterDrain.prefetch, logger: logger)
        let settlement = FailureSettlement(journal: journal, answers: answers, policy: RecoveryPolicy())
        let instruments = WorkerInstruments()
        let readiness = Readiness(waitingFor: ["consumer", "publisher", "database", "worker"])
        let liveness = Liveness()

        let handler = DeliveryHandler(
            path: RequestPath(
                authenticator: authenticator, ticketKey: ticketKey, journal: journal,
                maker: try AnswerMaker(engine: engine, ledger: ledger), answers: answers),
            isolation: CrashIsolation(), settlement: settlement,
            policy: RecoveryPolicy(), instruments: instruments, logger: logger)
        let drain = Duration.seconds(configuration.drainSeconds)
        let services: [any Service] = [
            BackgroundService(loop: postgres.run, stop: { postgres.shutdown() }),
            HealthServer(
                host: configuration.httpHost, port: configuration.httpPort, readiness: readiness, liveness: liveness, registry: metrics,
                logger: logger),
            BackgroundService(loop: publisher.run, stop: publisher.shutdown),
            marks,
            StartupCheck(broker: configuration.amqp, postgres: postgres, ledger: ledger, logger: logger),
            BackgroundService(loop: deadLetters.run, stop: deadLetters.shutdown),
            DeadLetterDrain(
                consumer: deadLetters,
                ingester: DeadLetterIngester(
                    authenticator: authenticator, ticketKey: ticketKey, journal: journal, settlement: settlement, logger: logger)),
            BackgroundService(loop: consumer.run, stop: consumer.shutdown),
            Watchdog(
                consumer: consumer, publisher: publisher, postgres: postgres, readiness: readiness, liveness: liveness, logger: logger),
            ChatWorker(consumer: consumer, handler: handler, drain: drain, logger: logger),
        ]
        // Services are shut down in the reverse of this order, each when the one after it has ended: first the worker finishes
        // what it holds, then the connections that it needs for that are closed.
        var group = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = drain + .seconds(10)
        self.group = ServiceGroup(configuration: group)
    }

    /// Answers requests until the process is told to stop, then drains.
    public func run() async throws {
        try await self.group.run()
    }

    static func authenticator(_ configuration: TellerConfiguration) async throws -> any Authenticator {
        guard configuration.authentication == .jwt, let file = configuration.jwksFile else {
            return BrokerAuthenticator(trustedUsers: Set(configuration.trustedUsers))
        }
        do {
            let json = try String(contentsOfFile: file, encoding: .utf8)
            return TokenAuthenticator(
                keys: try await KeySet(json: json), audience: configuration.jwtAudience, issuer: configuration.jwtIssuer)
        } catch {
            throw ConfigurationError("jwks.file", got: file, takes: "a readable JWKS file (\(error))")
        }
    }
}

extension InferenceEngine {
    /// Loads the model that the settings name.
    init(_ settings: TellerConfiguration.ModelSettings) throws {
        let model = try LanguageModel.load(path: settings.path ?? EmbeddedModel.directory, weights: settings.weights)
        var engine = EngineSettings()
        engine.maximumBatch = settings.batch
        if let memory = settings.keyValueMemory { engine.keyValueMemory = memory }
        self.init(model: model, threads: settings.threads, settings: engine)
    }
}
