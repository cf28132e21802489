import Foundation
import Glibc
import TellerMessages
import Testing

extension WorkerTests {
    /// `teller bench queue` on real servers: that it measures and cleans up, not how fast anything is.
    @Suite(.serialized) struct Bench {
        @Test(.timeLimit(.minutes(5))) func `workers and loops are measured in one run, and nothing stays`() async throws {
            let world = try await WorkerWorld.shared.value
            let output = try await WorkerWorld.run(
                WorkerWorld.program,
                ["bench", "queue", "--messages", "100", "--workers", "2", "--prefetch", "8", "--output", "json"], world.environment)
            let report = try #require(try JSONValue(parsing: Array(output.utf8)).object)
            let measurements = try #require(report["measurements"]?.array).compactMap(\.object)
            #expect(measurements.map { $0["name"]?.string } == [
                "path, prefetch 8", "loop, prefetch 8", "loop, prefetch 256", "loop with SQL, prefetch 8",
            ])
            for measurement in measurements {
                for figure in ["seconds", "messages_per_second", "client_cpu_us"] {
                    #expect(try #require(measurement[figure]?.decimal) > 0, "\(figure)")
                }
            }
            #expect(report["path_compared"]?.array?.count == 3)
            #expect(try #require(report["answer_bytes"]?.integer) > 500)
            #expect(try await Self.queues(of: world).isEmpty)
            // The loop with SQL wrote what the path writes.
            let unsettled = try await world.count(
                "SELECT count(*) FROM teller.requests WHERE request_id LIKE 'bench-%' AND state <> 'settled'")
            let unpublished = try await world.count(
                "SELECT count(*) FROM teller.outbox JOIN teller.answers USING (answer_id) WHERE request_id LIKE 'bench-%'")
            #expect((unsettled, unpublished) == (0, 0))
        }

        @Test(.timeLimit(.minutes(5))) func `an interrupted benchmark ends its processes and deletes its queues`() async throws {
            let world = try await WorkerWorld.shared.value
            let benchmark = try Self.start(in: world)
            try await Self.wait { Self.children == 2 }
            kill(benchmark.processIdentifier, SIGINT)
            try await Self.wait { !benchmark.isRunning }
            #expect(benchmark.terminationStatus == 130)
            #expect(Self.children == 0)
            #expect(try await Self.queues(of: world).isEmpty)
        }

        @Test(.timeLimit(.minutes(5))) func `the processes of a benchmark that is killed do not outlive it`() async throws {
            let world = try await WorkerWorld.shared.value
            let benchmark = try Self.start(in: world)
            try await Self.wait { Self.children == 2 }
            kill(benchmark.processIdentifier, SIGKILL)
            try await Self.wait { Self.children == 0 }
            let left = try await Self.queues(of: world)
            try await Self.delete(left, of: world)
        }

        private static func start(in world: WorkerWorld) throws -> Process {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: WorkerWorld.program)
            process.arguments = ["bench", "queue", "--messages", "100000", "--workers", "2"]
            process.environment = world.environment
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            return process
        }

        private static func wait(until isTrue: () -> Bool) async throws {
            let deadline = ContinuousClock.now + .seconds(60)
            while !isTrue() {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(50))
            }
        }

        /// Workers whose environment names a benchmark's queue.
        private static var children: Int {
            let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return processes.filter { pid_t($0) != nil }.count { process in
                let environment = FileManager.default.contents(atPath: "/proc/\(process)/environ") ?? Data()
                return String(decoding: environment, as: UTF8.self).contains("TELLER_QUEUES=teller.bench.")
            }
        }

        private static func queues(of world: WorkerWorld) async throws -> [String] {
            try await WorkerWorld.run(
                world.services, ["ctl", "--data", world.folder + "/services", "list_queues", "--quiet", "--no-table-headers", "name"]
            ).split(separator: "\n").map(String.init).filter { $0.contains(".bench.") }
        }

        private static func delete(_ queues: [String], of world: WorkerWorld) async throws {
            for queue in queues {
                try await WorkerWorld.run(world.services, ["ctl", "--data", world.folder + "/services", "delete_queue", queue])
            }
        }
    }
}
