import Foundation
import Testing

@testable import Teller

@Suite struct TellerConfigurationTests {
    private static let environment = [
        "TELLER_AMQP_URL": "amqp://a:secret@localhost/", "TELLER_POSTGRES_URL": "postgres://a:secret@localhost/b",
        "TELLER_JWKS_FILE": "/keys/jwks.json", "TELLER_TICKET_KEY_FILE": "/keys/ticket.key",
    ]

    private func configuration(_ changes: [String: String?] = [:], file: String? = nil) async throws -> TellerConfiguration {
        var environment = Self.environment
        for (name, value) in changes { environment[name] = value }
        return try TellerConfiguration(reading: try await SettingsSource(environment: environment, file: file))
    }

    @Test func `what is not set has its default`() async throws {
        let configuration = try await self.configuration()
        #expect(configuration.authentication == .jwt && configuration.jwtAudience == "teller")
        #expect(configuration.queues == ["teller.requests.banking", "teller.requests.trading"])
        #expect(configuration.prefetch == 16 && configuration.httpPort == 8080 && configuration.drainSeconds == 25)
        #expect(configuration.replyToAllow == ["teller.replies.*"] && configuration.model.path == nil)
    }

    @Test func `lists are separated by commas`() async throws {
        let configuration = try await self.configuration(["TELLER_QUEUES": "a, b ,,c", "TELLER_REPLY_TO_ALLOW": "x.*,y"])
        #expect(configuration.queues == ["a", "b", "c"] && configuration.replyToAllow == ["x.*", "y"])
    }

    @Test(arguments: [
        ("TELLER_AMQP_URL", nil), ("TELLER_AMQP_URL", "http://secret@x"), ("TELLER_POSTGRES_URL", nil), ("TELLER_TICKET_KEY_FILE", nil),
        ("TELLER_JWKS_FILE", nil), ("TELLER_PREFETCH", "0"), ("TELLER_PREFETCH", "many"), ("TELLER_HTTP_PORT", "65536"),
        ("TELLER_AUTH", "none"), ("TELLER_WEIGHTS", "q5"), ("TELLER_LOG_LEVEL", "loud"), ("TELLER_DRAIN_SECONDS", "-1"), ("TELLER_THREADS", "0"),
    ])
    func `a value that cannot be used is named, and a secret is not shown`(_ variable: String, _ value: String?) async throws {
        let error = await #expect(throws: ConfigurationError.self) { try await self.configuration([variable: value]) }
        #expect(error?.variable == variable)
        #expect(error?.description.contains(variable) == true && error?.description.contains("secret") == false)
    }

    @Test func `the broker's word makes a key set unnecessary`() async throws {
        let configuration = try await self.configuration(["TELLER_AUTH": "broker", "TELLER_JWKS_FILE": nil, "TELLER_TRUSTED_USERS": "gateway"])
        #expect(configuration.authentication == .broker && configuration.trustedUsers == ["gateway"])
    }

    @Test func `a secret may lie in a file, and settings in another, after the environment`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let secret = folder.appendingPathComponent("url"), settings = folder.appendingPathComponent("settings.json")
        try "postgres://b:secret@host/c\n".write(to: secret, atomically: true, encoding: .utf8)
        try #"{"teller": {"prefetch": "3", "queues": "q"}}"#.write(to: settings, atomically: true, encoding: .utf8)
        let configuration = try await self.configuration(
            ["TELLER_POSTGRES_URL": nil, "TELLER_POSTGRES_URL_FILE": secret.path, "TELLER_QUEUES": "env"], file: settings.path)
        #expect(configuration.prefetch == 3 && configuration.queues == ["env"])
        let error = await #expect(throws: ConfigurationError.self) { try await self.configuration(file: folder.path + "/missing.json") }
        #expect(error?.variable == "--config")
    }
}
