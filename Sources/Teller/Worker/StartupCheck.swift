public import AMQP
import EventLoops
import Ledger
import Logging
public import Postgres
public import ServiceLifecycle

/// Looks, before the first request is taken, whether the broker and the database are what the worker needs.
///
/// A server that is away is waited for; one that is there and wrong ends the process with the cure.
public struct StartupCheck: Service {
    let broker: AMQPConfiguration
    let postgres: PostgresClient
    let ledger: LedgerStore
    let logger: Logger

    /// Returns when the service is shut down, having checked; throws ``StartupError`` or `LedgerError`.
    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await self.waitingForServers { try await self.ledger.checkRole() }
            try await self.waitingForServers { try await Self.checkSchema(of: self.postgres) }
            try await self.waitingForServers { try await Self.checkTopology(of: self.broker) }
        }
        try? await gracefulShutdown()
    }

    /// Looks whether the broker has the exchanges and queues, alike.
    public static func checkTopology(of broker: AMQPConfiguration) async throws {
        let connection = try await AMQPConnection.connect(broker)
        do {
            let missing = try await AMQPTopology.teller.check(on: connection)
            await connection.close()
            guard missing.isEmpty else { throw StartupError.topology(missing.map { "\($0.subject) (\($0.kind))" }) }
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Looks whether the database has the functions that the worker calls.
    public static func checkSchema(of postgres: PostgresClient) async throws {
        do {
            _ = try await postgres.query("SELECT 'teller.claim'::regproc")
        } catch {
            let isThere = error.kind != .message && error.kind != .denied
            throw isThere ? error as any Error : StartupError.schema
        }
    }

    private func waitingForServers(_ check: () async throws -> Void) async throws {
        var backoff = Backoff()
        while true {
            do {
                return try await check()
            } catch {
                guard Failure(of: error, in: .claim).failureClass == .infrastructure, !Task.isCancelled else { throw error }
                self.logger.notice("Waiting for a server", metadata: ["error": "\(error)"])
                try await Task.sleep(for: backoff.next())
            }
        }
    }
}

/// What is wrong with a server that is there.
public enum StartupError: Error, CustomStringConvertible {
    case topology([String])
    case schema

    public var description: String {
        switch self {
        case .topology(let missing):
            "at the broker: \(missing.joined(separator: ", ")). Run: teller topology apply"
        case .schema: "the database lacks Teller's functions, or its role may not call them. Run: teller database migrate"
        }
    }
}
