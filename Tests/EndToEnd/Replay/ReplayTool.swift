import Foundation
import Glibc
import TellerMessages
import Testing

/// The command line as an operator uses it, and how it ended.
struct ReplayTool: Sendable {
    let world: WorkerWorld

    struct Ended: Sendable {
        let status: Int32
        let output: String
        let errors: String

        /// What `--output json` printed.
        var document: JSONObject {
            get throws {
                try #require(
                    try JSONValue(parsing: Array(self.output.utf8), maximumSize: 1 << 24).object, "no object: \(self.output) \(self.errors)")
            }
        }
    }

    /// Runs `teller dead …` to its end.
    func dead(_ arguments: String..., selecting group: [String] = []) async throws -> Ended {
        try await self.start(arguments + group).end()
    }

    /// Makes a plan and returns its id.
    func plan(_ group: [String] = [], _ arguments: String...) async throws -> String {
        let ended = try await self.start(["plan", "--reason", "test"] + group + arguments).end()
        #expect(ended.status == 0, "\(ended.errors)")
        return try #require(try ended.document["plan_id"]?.string)
    }

    func start(_ arguments: [String]) throws -> Running { try Running(self.world, arguments) }

    /// A tool under way, which a test may kill.
    final class Running: Sendable {
        private let process = Process()
        private let files: [URL]

        fileprivate init(_ world: WorkerWorld, _ arguments: [String]) throws {
            let base = world.folder + "/tool-\(UUID().uuidString.prefix(8))"
            self.files = [".out", ".err"].map { URL(fileURLWithPath: base + $0) }
            for file in self.files { try Data().write(to: file) }
            self.process.executableURL = URL(fileURLWithPath: WorkerWorld.program)
            self.process.arguments = ["dead"] + arguments + ["--output", "json"]
            self.process.environment = world.environment
            self.process.standardInput = FileHandle.nullDevice
            self.process.standardOutput = try FileHandle(forWritingTo: self.files[0])
            self.process.standardError = try FileHandle(forWritingTo: self.files[1])
            try self.process.run()
        }

        var isRunning: Bool { self.process.isRunning }

        func signal(_ signal: Int32) { kill(self.process.processIdentifier, signal) }

        func end(within limit: Duration = .seconds(120)) async throws -> Ended {
            let deadline = ContinuousClock.now + limit
            while self.process.isRunning {
                if ContinuousClock.now > deadline {
                    self.signal(SIGKILL)
                    Issue.record("teller \(self.process.arguments ?? []) did not end")
                }
                try await Task.sleep(for: .milliseconds(5))
            }
            let texts = try self.files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
            let status = self.process.terminationReason == .uncaughtSignal ? -self.process.terminationStatus : self.process.terminationStatus
            return Ended(status: status, output: texts[0], errors: texts[1])
        }
    }
}
