public import Logging

extension PostgresClient {
    /// Runs the body with a client that is served meanwhile, and closes its connections after it.
    public static func withClient<Result: Sendable>(
        _ configuration: PostgresConfiguration, logger: Logger, _ body: (PostgresClient) async throws -> Result
    ) async throws -> Result {
        let client = PostgresClient(configuration, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { client.shutdown() }
            return try await body(client)
        }
    }
}
