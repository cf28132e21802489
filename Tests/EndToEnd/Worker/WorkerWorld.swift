import AMQP
import Crypto
import Foundation
import Ledger
import Logging
import Postgres
import Schemas
import Teller
import TellerMessages
import Testing

/// A bank of the worker tests' own: a broker, a database with the demonstration customers, keys, and workers as processes.
///
/// The shared one is for the tests of ``WorkerTests``, which run one after the other. Each lies within the folder that Deploy/test
/// removes, with its servers.
struct WorkerWorld: Sendable {
    static let shared = Task { try await WorkerWorld(named: "worker") }

    let services: String
    let folder: String
    let environment: [String: String]
    let broker: AMQPConfiguration
    let signingKey: String

    /// - Parameter nodes: How many nodes the broker has, 1 or 3.
    init(named name: String, nodes: Int = 1) async throws {
        self.services = try Self.variable("TELLER_TEST_SERVICES")
        self.folder = try Self.variable("TELLER_TEST_DATA") + "/" + name
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        let data = self.folder + "/services"
        try await Self.run(self.services, ["start", "--data", data, "--name", name, "--nodes", String(nodes)])
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("TELLER_") }
        for line in try await Self.run(self.services, ["env", "--data", data]).split(separator: "\n") {
            let pair = line.drop { $0 != " " }.dropFirst().split(separator: "=", maxSplits: 1)
            if pair.count == 2 { environment[String(pair[0])] = String(pair[1]) }
        }
        self.broker = try AMQPConfiguration(url: try #require(environment["TELLER_AMQP_URL"]))

        let key = Curve25519.Signing.PrivateKey()
        // PKCS #8 of an Ed25519 key (RFC 8410): a fixed beginning, then the key.
        let der: [UInt8] = [0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20] + key.rawRepresentation
        self.signingKey = "-----BEGIN PRIVATE KEY-----\n\(Data(der).base64EncodedString())\n-----END PRIVATE KEY-----\n"
        let x = key.publicKey.rawRepresentation.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        let jwks = #"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"demo","x":"\#(x)"}]}"#
        try jwks.write(toFile: self.folder + "/jwks.json", atomically: true, encoding: .utf8)
        let ticketKey = SymmetricKey(size: .bits256).withUnsafeBytes { $0.hexadecimal }
        let ticketKeyFile = self.folder + "/ticket.key"
        try ticketKey.write(toFile: ticketKeyFile, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: ticketKeyFile)
        environment["TELLER_AUTH"] = "jwt"
        environment["TELLER_JWKS_FILE"] = self.folder + "/jwks.json"
        environment["TELLER_TICKET_KEY_FILE"] = ticketKeyFile
        environment["TELLER_HTTP_PORT"] = "0"
        self.environment = environment

        for arguments in [["topology", "apply"], ["database", "migrate"], ["database", "demo"]] {
            try await Self.run(Self.program, arguments, environment)
        }
    }

    private static func variable(_ name: String) throws -> String {
        struct Missing: Error, CustomStringConvertible {
            let description: String
        }
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
            throw Missing(description: "\(name) is not set. Run Deploy/test, which starts the servers that these tests need.")
        }
        return value
    }

    /// The `teller` tool of this build, which lies beside the tests.
    static var program: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("teller").path
    }

    /// Runs the script of the servers and returns what it printed.
    @discardableResult
    func service(_ action: String, _ arguments: String...) async throws -> String {
        try await Self.run(self.services, [action, "--data", self.folder + "/services"] + arguments)
    }

    /// Runs a program to its end and returns what it printed; a status other than 0 is an error.
    @discardableResult
    static func run(_ program: String, _ arguments: [String], _ environment: [String: String]? = nil) async throws -> String {
        try await AMQPTestBroker.run(program, arguments, environment)
    }

    /// Runs the body with a client of the database's owner.
    func withOwner<Result: Sendable>(_ body: (PostgresClient) async throws -> Result) async throws -> Result {
        try await PostgresTestServer.withClient(
            of: try PostgresConfiguration(url: try #require(self.environment["TELLER_POSTGRES_ADMIN_URL"])), body)
    }

    /// A number that the owner reads in the worker's tables: as the owner is bound by row security too, it takes a superuser.
    func count(_ query: String) async throws -> Int {
        let output = try await Self.run(self.services, ["psql", "--data", self.folder + "/services", "-Atc", query])
        return try #require(Int(output.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
}
