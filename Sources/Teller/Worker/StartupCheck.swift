import AMQP
import EventLoops
import Ledger
import Logging
import Postgres
import ServiceLifecycle

/// Looks, before the first request is taken, whether the broker and the database are what the worker needs.
///
/// A server that is away is waited for; one that is there and wrong ends the process with the cure.
struct StartupCheck: Service {
    let broker: AMQPConfiguration
    let queues: [String]
    let postgres: PostgresClient
    let ledger: LedgerStore
    let logger: Logger

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await self.waitingForServers { try await self.ledger.checkRole() }
            try await self.waitingForServers { try await self.checkSchema() }
            try await self.waitingForServers { try await self.checkTopology() }
        }
        try? await gracefulShutdown()
    }

    private func checkTopology() async throws {
        let connection = try await AMQPConnection.connect(self.broker)
        do {
            let missing = try await AMQPTopology.teller.check(on: connection)
            await connection.close()
            guard missing.isEmpty else { throw StartupError.topology(missing.map(\.description)) }
        } catch {
            await connection.close()
            throw error
        }
    }

    private func checkSchema() async throws {
        do {
            _ = try await self.postgres.query("SELECT 'teller.claim'::regproc")
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
            "the broker lacks or differs in: \(missing.joined(separator: "; ")). Run: teller topology apply"
        case .schema: "the database lacks Teller's functions, or its role may not call them. Run: teller database migrate"
        }
    }
}
