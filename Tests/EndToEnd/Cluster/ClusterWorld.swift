import Foundation
import Testing

/// Runs a suite against a worker's world whose broker is a cluster of three nodes, and ends its servers with it.
struct ClusterWorld: SuiteTrait, TestScoping {
    @TaskLocal static var current: WorkerWorld?

    let isRecursive = false

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let world = try await WorkerWorld(named: "cluster", nodes: 3)
        try await world.allMembersOnline()
        let result: Result<Void, any Error>
        do {
            result = .success(try await Self.$current.withValue(world) { try await function() })
        } catch {
            result = .failure(error)
        }
        // Deploy/test removes their data, or keeps them when something failed.
        for action in ["kill-broker", "kill-database"] { try await world.service(action) }
        try result.get()
    }
}

/// What a test asks a cluster.
extension WorkerWorld {
    /// A queue of the cluster: the nodes by their number in `Deploy/services`.
    struct ClusterQueue: Sendable {
        let name: String
        let leader: Int?
        let members: Set<Int>
        let online: Set<Int>
    }

    /// - Parameter node: The node to ask: one that runs.
    func queues(askingNode node: Int = 1) async throws -> [ClusterQueue] {
        struct Row: Decodable {
            let name: String
            let leader: String
            let members: [String]
            let online: [String]
        }
        let output = try await self.service(
            "ctl", "--node", String(node), "--quiet", "list_queues", "name", "leader", "members", "online", "--formatter", "json")
        return try JSONDecoder().decode([Row].self, from: Data(output.utf8)).map { row in
            ClusterQueue(
                name: row.name, leader: Self.number(ofNode: row.leader), members: Set(row.members.compactMap(Self.number)),
                online: Set(row.online.compactMap(Self.number)))
        }
    }

    /// The node that leads a queue.
    func leader(of queue: String) async throws -> Int {
        try #require(try await self.queues().first { $0.name == queue }?.leader)
    }

    /// The node that the consumer of a queue is connected to.
    func nodeOfConsumer(of queue: String) async throws -> Int {
        // As JSON the tool prints a process without its node.
        let rows = try await self.service("ctl", "--quiet", "list_consumers", "queue_name", "channel_pid").split(separator: "\n")
        let process = try #require(rows.first { $0.hasPrefix(queue + "\t") }?.split(separator: "\t").last)
        return try #require(Self.number(ofNode: String(process.trimmingPrefix("<"))))
    }

    /// A port for a worker's HTTP server that the servers' folder keeps free.
    func httpPort() async throws -> Int {
        let settings = try await self.service("env")
        return try #require(settings.firstMatch(of: #/TELLER_HTTP_PORT=(\d+)/#).flatMap { Int($0.output.1) })
    }

    /// Waits until every queue has all its members: before that, the loss of one more node could be the loss of two.
    func allMembersOnline() async throws {
        try await amqpEventually("every queue has three members online", within: .seconds(60)) {
            try await self.queues().allSatisfy { $0.members == [1, 2, 3] && $0.online == $0.members }
        }
    }

    /// `cluster-2@localhost` is the second node; the first has no number.
    private static func number(ofNode name: String) -> Int? {
        guard let match = name.firstMatch(of: #/^cluster(?:-(\d))?@localhost/#) else { return nil }
        return match.output.1.flatMap { Int($0) } ?? 1
    }
}
