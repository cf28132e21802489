import Foundation
import Logging
import Postgres

/// The server that the tests run against, as the environment names it.
enum PostgresTestServer {
    struct Missing: Error, CustomStringConvertible {
        let variable: String
        var description: String {
            "\(self.variable) is not set. Run Deploy/test, which starts the servers that these tests need and stops them afterwards."
        }
    }

    static func variable(_ name: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
            throw Missing(variable: name)
        }
        return value
    }

    static var url: String { get throws { try self.variable("TELLER_TEST_POSTGRES_URL") } }

    /// A URL with another part appended to its query.
    static func url(_ url: String, adding parameter: String) -> String {
        url + (url.contains("?") ? "&" : "?") + parameter
    }

    /// Runs the body with a client, and ends the client with it.
    static func withClient<Result: Sendable>(
        of configuration: PostgresConfiguration, _ body: (PostgresClient) async throws -> Result
    ) async throws -> Result {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return try await PostgresClient.withClient(configuration, logger: quiet, body)
    }

    /// Runs the body with a client whose search path is a schema of its own, which is dropped afterwards.
    static func withSchema<Result: Sendable>(
        configure: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresClient, String) async throws -> Result
    ) async throws -> Result {
        let schema = "test_" + UUID().uuidString.lowercased().filter { $0 != "-" }
        var configuration = try PostgresConfiguration(
            url: self.url(self.url, adding: "options=-csearch_path%3D\(schema)"))
        configure(&configuration)
        return try await self.withClient(of: try PostgresConfiguration(url: self.url)) { owner in
            try await owner.query("CREATE SCHEMA \(identifier: schema)")
            do {
                let result = try await self.withClient(of: configuration) { try await body($0, schema) }
                try await owner.query("DROP SCHEMA \(identifier: schema) CASCADE")
                return result
            } catch {
                _ = try? await owner.query("DROP SCHEMA \(identifier: schema) CASCADE")
                throw error
            }
        }
    }
}

extension PostgresClient {
    /// The single value of a statement's single row.
    func value<Value: PostgresDecodable>(_ query: PostgresQuery, as _: Value.Type = Value.self) async throws -> Value {
        try await self.query(query)[0].decode(at: 0)
    }
}
