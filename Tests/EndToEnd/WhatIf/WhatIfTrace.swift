import AMQP
import Foundation
import Testing

/// What publishing or recording anything would leave: each row of each table with its version, the depth of each queue, and how many
/// connections the broker ever took.
struct WhatIfTrace: Sendable {
    let tables: String
    /// The entries of the operators' audit, which alone may grow.
    let audit: Int
    let depths: [String: UInt32]
    let connections: Int

    private static let queues = [
        "teller.requests.banking", "teller.requests.trading", "teller.answers", "teller.dead", "teller.retry.1s", "teller.retry.10s",
        "teller.retry.60s",
    ]

    init(of world: WorkerWorld) async throws {
        let psql = ["psql", "--data", world.folder + "/services", "-Atc"]
        // ctid and xmin change with every new version of a row, xmax when it is locked or deleted.
        self.tables = try await WorkerWorld.run(
            world.services,
            psql + [
                """
                SELECT string_agg(c.relname || ' ' || (xpath('/row/digest/text()', query_to_xml(format(
                    'SELECT md5(coalesce(string_agg(t.ctid || '' '' || t.xmin || '' '' || t.xmax || t, '''' ORDER BY t.ctid), '''')) AS digest
                    FROM %s AS t %s', c.oid::regclass, CASE c.relname WHEN 'audit' THEN 'WHERE t.chain IS NULL' END),
                    false, true, '')))[1]::text, E'\\n' ORDER BY c.relname)
                FROM pg_class AS c
                WHERE c.relnamespace IN ('teller'::regnamespace, 'ledger'::regnamespace) AND c.relkind = 'r'
                """
            ])
        self.audit = try await world.count("SELECT count(*) FROM teller.audit WHERE chain IS NOT NULL")
        let known = try Self.connections(of: world)
        var depths: [String: UInt32] = [:]
        for queue in Self.queues { depths[queue] = 0 }
        let connection = try await AMQPConnection.connect(world.broker)
        for queue in Self.queues {
            depths[queue] = try await connection.withChannel { channel throws(AMQPError) in try await channel.messageCount(queue) }
        }
        await connection.close()
        self.depths = depths
        // The broker writes its log in order: once this connection is in it, so is every earlier one.
        let deadline = ContinuousClock.now + .seconds(20)
        while try Self.connections(of: world) <= known {
            try #require(ContinuousClock.now < deadline, "the broker's log does not tell of this connection")
            try await Task.sleep(for: .milliseconds(50))
        }
        self.connections = try Self.connections(of: world)
    }

    private static func connections(of world: WorkerWorld) throws -> Int {
        try String(contentsOfFile: world.folder + "/services/broker/log/broker.log", encoding: .utf8)
            .ranges(of: "accepting AMQP connection").count
    }
}
