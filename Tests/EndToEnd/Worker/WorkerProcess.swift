import Foundation
import FoundationNetworking
import Glibc
import Testing

/// A worker as a process of its own, which a test may stop, kill and start again.
final class WorkerProcess: Sendable {
    private let process: Process
    let log: String

    /// - Parameter settings: Environment variables beside those of the world.
    init(in world: WorkerWorld, _ settings: [String: String] = [:]) throws {
        self.log = world.folder + "/worker-\(UUID().uuidString.prefix(8)).log"
        try Data().write(to: URL(fileURLWithPath: self.log))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: WorkerWorld.program)
        process.arguments = ["worker"]
        process.environment = world.environment.merging(settings) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle(forWritingAtPath: self.log)
        process.standardOutput = process.standardError
        try process.run()
        self.process = process
    }

    var isRunning: Bool { self.process.isRunning }

    func signal(_ signal: Int32) { kill(self.process.processIdentifier, signal) }

    /// What it tells a scraper now, by name and labels.
    func metrics() async throws -> [String: Double] {
        let log = try String(contentsOfFile: self.log, encoding: .utf8)
        let port = try #require(log.firstMatch(of: /server\.port["= :]+(\d+)/)?.1)
        let url = try #require(URL(string: "http://127.0.0.1:\(port)/metrics"))
        let text = String(decoding: try await URLSession.shared.data(from: url).0, as: UTF8.self)
        var samples: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            samples[String(parts[0])] = Double(parts[1])
        }
        return samples
    }

    /// Waits for the process's end and returns its exit status; a signal's number negated when one ended it.
    @discardableResult
    func end(within limit: Duration = .seconds(60)) async throws -> Int32 {
        let deadline = ContinuousClock.now + limit
        while self.process.isRunning {
            try #require(ContinuousClock.now < deadline, "the worker did not end; its log is \(self.log)")
            try await Task.sleep(for: .milliseconds(20))
        }
        return self.process.terminationReason == .uncaughtSignal ? -self.process.terminationStatus : self.process.terminationStatus
    }

    /// Runs the body with workers, and stops them as an operator would.
    static func with<Result>(
        _ count: Int = 1, in world: WorkerWorld, _ settings: [String: String] = [:], _ body: ([WorkerProcess]) async throws -> Result
    ) async throws -> Result {
        let workers = try (0..<count).map { _ in try WorkerProcess(in: world, settings) }
        do {
            let result = try await body(workers)
            for worker in workers where worker.isRunning { worker.signal(SIGTERM) }
            for worker in workers { try await worker.end() }
            return result
        } catch {
            for worker in workers where worker.isRunning { worker.signal(SIGKILL) }
            throw error
        }
    }
}

/// A worker that a platform starts again whenever it ends, until it is stopped.
actor SupervisedWorker {
    private let world: WorkerWorld
    private let settings: [String: String]
    private var current: WorkerProcess
    private(set) var restarts = 0
    private var isStopping = false

    init(in world: WorkerWorld, _ settings: [String: String] = [:]) throws {
        self.world = world
        self.settings = settings
        self.current = try WorkerProcess(in: world, settings)
    }

    /// Watches the process until ``stop()``.
    func run() async throws {
        while !self.isStopping {
            if !self.current.isRunning, !self.isStopping {
                self.current = try WorkerProcess(in: self.world, self.settings)
                self.restarts += 1
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    func signal(_ signal: Int32) { self.current.signal(signal) }

    func stop() async throws {
        self.isStopping = true
        self.current.signal(SIGTERM)
        try await self.current.end()
    }
}
