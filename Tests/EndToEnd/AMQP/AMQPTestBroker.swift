import AMQP
import Foundation
import Testing

/// A broker to test against, and the script that controls it.
struct AMQPTestBroker: Sendable {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    let configuration: AMQPConfiguration
    let tlsPort: UInt16
    let tlsDirectory: String
    let services: String
    let data: String

    /// The broker that all tests share, as the environment tells.
    static func shared() throws -> AMQPTestBroker {
        try AMQPTestBroker(environment: ProcessInfo.processInfo.environment)
    }

    private init(environment: [String: String]) throws {
        func value(_ name: String) throws -> String {
            guard let value = environment[name], !value.isEmpty else {
                throw Missing(description: "\(name) is not set: these tests need a broker. Run them with Deploy/test")
            }
            return value
        }
        self.configuration = try AMQPConfiguration(url: value("TELLER_TEST_AMQP_URL"))
        self.tlsPort = try #require(UInt16(value("TELLER_TEST_AMQPS_PORT")))
        self.tlsDirectory = try value("TELLER_TEST_TLS_DIR")
        self.services = try value("TELLER_TEST_SERVICES")
        self.data = try value("TELLER_TEST_DATA")
    }

    /// A broker of its own, for tests that would disturb others. Delete it with ``delete()``.
    static func start() async throws -> AMQPTestBroker {
        let shared = try AMQPTestBroker.shared()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("teller-amqp-\(UUID().uuidString)")
            .path
        try await run(shared.services, ["start", "--data", folder, "--name", "amqp-\(UInt32.random(in: 0 ... .max))"])
        var environment: [String: String] = [:]
        for line in try await run(shared.services, ["env", "--data", folder]).split(separator: "\n") {
            let pair = line.drop { $0 != " " }.dropFirst().split(separator: "=", maxSplits: 1)
            if pair.count == 2 { environment[String(pair[0])] = String(pair[1]) }
        }
        return try AMQPTestBroker(environment: environment)
    }

    func delete() async throws {
        try await Self.run(self.services, ["delete", "--data", self.data])
    }

    /// Runs an action of the script on this broker.
    func service(_ action: String) async throws {
        try await Self.run(self.services, [action, "--data", self.data])
    }

    /// Runs rabbitmqctl on this broker.
    @discardableResult
    func control(_ arguments: String...) async throws -> String {
        try await Self.run(self.services, ["ctl", "--data", self.data] + arguments)
    }

    /// A queue that goes by itself a while after its test.
    func queue(_ arguments: AMQPTable = [:]) async throws -> String {
        let name = "e2e.\(UUID().uuidString)"
        try await self.declare(name, arguments)
        return name
    }

    func declare(_ name: String, _ arguments: AMQPTable = [:]) async throws {
        var arguments = arguments
        arguments["x-expires"] = 600_000
        let queue = AMQPTopology.Queue.quorum(name, arguments: arguments)
        try await self.withChannel { channel throws(AMQPError) in _ = try await channel.declareQueue(queue) }
    }

    func withChannel<Result: Sendable>(
        _ body: (AMQPChannel) async throws(AMQPError) -> Result
    ) async throws -> Result {
        let connection = try await AMQPConnection.connect(self.configuration)
        let result: Result
        do {
            result = try await connection.withChannel(body)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
        return result
    }

    func messageCount(_ queue: String) async throws -> UInt32 {
        try await self.withChannel { channel throws(AMQPError) in try await channel.messageCount(queue) }
    }

    /// Returns what the program printed. Output goes to files: a server that the script starts would keep a pipe open.
    @discardableResult
    static func run(
        _ program: String, _ arguments: [String], _ environment: [String: String]? = nil
    ) async throws -> String {
        let output = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        let errors = output.appendingPathExtension("errors")
        for file in [output, errors] { try Data().write(to: file) }
        defer { for file in [output, errors] { try? FileManager.default.removeItem(at: file) } }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        if let environment { process.environment = environment }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        guard process.terminationStatus == 0 else {
            let reason = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
            throw Missing(description: "\(program) \(arguments.joined(separator: " ")) failed: \(reason)")
        }
        return String(decoding: try Data(contentsOf: output), as: UTF8.self)
    }
}

extension AMQPPublisher {
    /// Runs a publisher for as long as the body lasts.
    static func with<Result: Sendable>(
        _ configuration: AMQPConfiguration, _ body: (AMQPPublisher) async throws -> Result
    ) async throws -> Result {
        let publisher = AMQPPublisher(configuration)
        async let running: Void = publisher.run()
        do {
            let result = try await body(publisher)
            await publisher.shutdown()
            await running
            return result
        } catch {
            await publisher.shutdown()
            await running
            throw error
        }
    }

    func publish(_ text: String, to queue: String, timeout: Duration = .seconds(60)) async throws {
        try await self.publish(
            AMQPMessage(properties: AMQPProperties(deliveryMode: 2, messageID: text), body: Array(text.utf8)),
            exchange: "",
            routingKey: queue, timeout: timeout)
    }
}

extension AMQPConsumer {
    /// Runs a consumer for as long as the body lasts.
    static func with<Result: Sendable>(
        _ configuration: AMQPConfiguration, queues: [String], prefetch: Int = 10,
        declaring topology: AMQPTopology = AMQPTopology(), _ body: (AMQPConsumer) async throws -> Result
    ) async throws -> Result {
        let consumer = AMQPConsumer(configuration, queues: queues, prefetch: prefetch, declaring: topology)
        async let running: Void = consumer.run()
        do {
            let result = try await body(consumer)
            await consumer.shutdown()
            await running
            return result
        } catch {
            await consumer.shutdown()
            await running
            throw error
        }
    }
}

extension AMQPDelivery {
    var text: String { String(decoding: self.body, as: UTF8.self) }
}

/// Waits until a condition holds, and records an issue when it does not in time.
func amqpEventually(
    _ what: Comment, within limit: Duration = .seconds(30), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard .now < deadline else {
            Issue.record("not in time: \(what)", sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(50))
    }
}
