import Foundation
import Logging
import ServiceLifecycle
import Telemetry
import Testing

@testable import Teller

@Suite struct HealthTests {
    private let readiness = Readiness(waitingFor: ["broker", "database"])
    private let liveness = Liveness()
    private let registry = PrometheusRegistry(collectors: [Served()])

    private var endpoints: HealthEndpoints {
        HealthEndpoints(readiness: self.readiness, liveness: self.liveness, registry: self.registry)
    }

    @Test func `a worker is ready once every condition is met, and says which is not`() {
        #expect(self.readiness.health.reasons == ["broker: not started yet", "database: not started yet"])
        self.readiness.set("database", .ok)
        self.readiness.set("broker", .failing("connection refused"))
        #expect(self.readiness.health == Health(reasons: ["broker: connection refused"]))
        #expect(!self.readiness.health.isReady)
        self.readiness.set("broker", .ok)
        #expect(self.readiness.health.isReady)
    }

    @Test func `a condition that fails again takes readiness away`() {
        self.readiness.set("broker", .ok)
        self.readiness.set("database", .ok)
        self.readiness.set("drain", .failing("shutting down \"now\""))
        #expect(
            self.endpoints.answer(to: "/readyz")
                == HealthEndpoints.Answer(
                    status: 503, contentType: "application/json",
                    body: #"{"reasons":["drain: shutting down \"now\""],"status":"not-ready"}"# + "\n"))
        self.readiness.set("drain", .ok)
        #expect(self.endpoints.answer(to: "/readyz").status == 200)
        #expect(self.endpoints.answer(to: "/readyz").body == "{\"reasons\":[],\"status\":\"ready\"}\n")
    }

    @Test func `a component may be silent for its budget and no longer`() {
        let start = Liveness.Instant.now
        self.liveness.watch("consumer", within: .seconds(30), from: start)
        self.liveness.watch("engine", within: .seconds(600), from: start)
        #expect(self.liveness.overdue(at: start + .seconds(30)) == [])
        #expect(self.liveness.overdue(at: start + .seconds(31)) == ["consumer: silent for 31 s, may be for 30 s"])
        self.liveness.beat("consumer", at: start + .seconds(31))
        #expect(self.liveness.overdue(at: start + .seconds(61)) == [])
        #expect(self.liveness.overdue(at: start + .seconds(601)).count == 2)
        self.liveness.unwatch("consumer")
        self.liveness.beat("consumer", at: start)
        #expect(self.liveness.overdue(at: start + .seconds(600)) == [])
    }

    @Test func `a component that hangs makes the process not live but leaves it ready`() {
        self.readiness.set("broker", .ok)
        self.readiness.set("database", .ok)
        #expect(self.endpoints.answer(to: "/livez").status == 200)
        self.liveness.watch("consumer", within: .seconds(1), from: .now - .seconds(10))
        #expect(self.endpoints.answer(to: "/livez").status == 503)
        #expect(self.endpoints.answer(to: "/livez").body.contains("\"status\":\"not-live\""))
        #expect(self.endpoints.answer(to: "/readyz").status == 200)
    }

    @Test(arguments: ["/", "", "/metrics/", "/livez/x", "/READYZ"])
    func `no other path answers`(path: String) {
        #expect(self.endpoints.answer(to: path).status == 404)
    }

    @Test(.timeLimit(.minutes(1)))
    func `the server answers on a free port until it is shut down`() async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let server = HealthServer(
            port: 0, readiness: self.readiness, liveness: self.liveness, registry: self.registry,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onListening: { port.yield($0) })
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [server], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            let port = try #require(await ports.first { _ in true })

            let metrics = try await exchange("GET /metrics HTTP/1.1", port: port)
            #expect(metrics.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(metrics.lowercased().contains("\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n"))
            #expect(
                metrics.hasSuffix("\r\n\r\n# HELP served_total Served.\n# TYPE served_total counter\nserved_total 3\n"))

            let notReady = try await exchange("GET /readyz?verbose HTTP/1.1", port: port)
            #expect(notReady.hasPrefix("HTTP/1.1 503 "))
            #expect(notReady.contains("broker: not started yet"))

            let head = try await exchange("HEAD /livez HTTP/1.1", port: port)
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(head.lowercased().contains("\r\ncontent-length: 31\r\n"))
            #expect(head.hasSuffix("\r\n\r\n"))

            #expect(try await exchange("GET /admin HTTP/1.1", port: port).hasPrefix("HTTP/1.1 404 "))
            #expect(try await exchange("POST /livez HTTP/1.1", port: port).hasPrefix("HTTP/1.1 404 "))

            let taken = HealthServer(
                port: port, readiness: self.readiness, liveness: self.liveness, registry: self.registry,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let error = await #expect(throws: HealthServerError.self) { try await taken.run() }
            #expect(error?.description.contains("TELLER_HTTP_PORT") == true)

            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            await #expect(throws: ConnectionFailure.self) { try await exchange("GET /livez HTTP/1.1", port: port) }
        }
    }
}

private struct Served: MetricCollector {
    func collect() -> [MetricFamily] {
        [MetricFamily(name: "served_total", kind: .counter, help: "Served.", value: 3)]
    }
}

private struct ConnectionFailure: Error {
    let code: Int32
}

/// Sends one request over a connection of its own, and returns all that comes back.
private func exchange(_ requestLine: String, port: Int) async throws -> String {
    // On a thread, since the calls block.
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(with: Result { try blockingExchange(requestLine, port: port) })
        }
    }
}

private func blockingExchange(_ requestLine: String, port: Int) throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    let status = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard status == 0 else { throw ConnectionFailure(code: errno) }
    let request = Array("\(requestLine)\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
    guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
        throw ConnectionFailure(code: errno)
    }
    var response: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return String(decoding: response, as: UTF8.self) }
        response += buffer[..<count]
    }
}
