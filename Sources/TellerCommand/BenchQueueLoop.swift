import AMQP
import ArgumentParser
import CBaseline
import Foundation
import Postgres

/// `teller bench loop`: one process of a measured loop. `teller bench queue` starts it, with the servers in the environment.
struct BenchQueueLoop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loop", abstract: "Run a loop in C until it is ended, for 'teller bench queue'.", shouldDisplay: false)

    @Option(help: "The queue to consume.")
    var input: String

    @Option(help: "The queue to publish to.")
    var output: String

    @Option(help: "The prefetch count.")
    var window: UInt16

    @Option(help: "Bytes of each message published.")
    var bodySize: UInt32

    @Flag(help: "Run the path's statements too.")
    var sql = false

    /// Blocks the thread until the process is ended: nothing else runs in it.
    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let broker = try AMQPConfiguration(url: environment["TELLER_AMQP_URL"] ?? "")
        guard let endpoint = broker.endpoints.first, broker.tls == nil else {
            throw ValidationError("the loop speaks plain AMQP: TELLER_AMQP_URL must start with amqp://")
        }
        var settings = baseline_settings()
        settings.host = Self.constant(endpoint.host)
        settings.port = endpoint.port
        settings.virtual_host = Self.constant(broker.virtualHost)
        settings.user = Self.constant(broker.user)
        settings.password = Self.constant(broker.password)
        settings.input = Self.constant(self.input)
        settings.output = Self.constant(self.output)
        settings.window = self.window
        settings.body_size = self.bodySize

        var failure = [CChar](repeating: 0, count: 512)
        if self.sql {
            let url = environment["TELLER_POSTGRES_URL"] ?? ""
            settings.database = Self.constant(url)
            settings.connections = UInt16(clamping: try PostgresConfiguration(url: url).poolSize)
            let key = try Self.ticketKey(in: environment["TELLER_TICKET_KEY_FILE"] ?? "")
            key.withUnsafeBufferPointer { key in
                settings.ticket_key = key.baseAddress
                settings.ticket_key_size = key.count
                baseline_loop_with_sql(&settings, &failure, failure.count)
            }
        } else {
            baseline_loop(&settings, &failure, failure.count)
        }
        let text = String(decoding: failure.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        try FileDescriptorText.standardError("teller bench loop: \(text)\n")
        throw ExitStatus.software
    }

    /// A C string for the rest of the process's life.
    private static func constant(_ text: String) -> UnsafePointer<CChar>? {
        strdup(text).map { UnsafePointer($0) }
    }

    /// The bytes of a file of hexadecimal digits.
    private static func ticketKey(in path: String) throws -> [UInt8] {
        let digits = Array(try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines))
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }
}
