import Hummingbird
import Logging
import ServiceLifecycle
import Telemetry

/// Serves health and metrics over HTTP until it is shut down gracefully or cancelled.
///
/// It has no access control: bind it to loopback or to a network that only probes and Prometheus reach.
struct HealthServer: Service {
    private let host: String
    private let port: Int
    private let endpoints: HealthEndpoints
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// Makes a server that does not listen yet.
    ///
    /// - Parameters:
    ///   - host: A name or address of this machine.
    ///   - port: 0 takes a free one. The log names it.
    ///   - onListening: Called with the port once connections are accepted.
    init(
        host: String = "127.0.0.1", port: Int, readiness: Readiness, liveness: Liveness, registry: PrometheusRegistry,
        logger: Logger, onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.endpoints = HealthEndpoints(readiness: readiness, liveness: liveness, registry: registry)
        self.logger = logger
        self.onListening = onListening
    }

    func run() async throws {
        // The server's own notices say what is said below.
        var serverLogger = self.logger
        serverLogger.logLevel = max(serverLogger.logLevel, .error)
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in self.respond(to: request) },
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(
                address: .hostname(self.host, port: self.port),
                availableConnectionsDelegate: .maximum(64, logger: serverLogger)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? self.port
                self.logger.info(
                    "serving health and metrics",
                    metadata: ["server.address": "\(self.host)", "server.port": .stringConvertible(port)])
                self.onListening(port)
            },
            logger: serverLogger)
        do {
            try await application.run()
        } catch let error where !(error is CancellationError) {
            throw HealthServerError(host: self.host, port: self.port, cause: error)
        }
    }

    private func respond(to request: Request) -> Response {
        let isRead = request.method == .get || request.method == .head
        let answer = self.endpoints.answer(to: isRead ? request.uri.path : "")
        let response = Response(
            status: HTTPResponse.Status(code: answer.status),
            headers: [.contentType: answer.contentType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: answer.body)))
        return request.method == .head ? response.createHeadResponse() : response
    }
}
