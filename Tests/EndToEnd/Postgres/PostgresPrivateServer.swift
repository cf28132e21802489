import Foundation

/// A server of one test's own, which it may stop and kill.
struct PostgresPrivateServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let services: String
    private let folder: String

    init() async throws {
        self.services = try PostgresTestServer.variable("TELLER_TEST_SERVICES")
        self.folder = FileManager.default.temporaryDirectory.path + "/teller-private-" + UUID().uuidString
        do {
            try await self.perform("start", "--fast")
        } catch {
            self.delete()
            throw error
        }
    }

    /// Where the server is, for its administrator.
    func url() async throws -> String {
        let settings = try String(contentsOfFile: self.folder + "/env", encoding: .utf8)
        guard let url = settings.firstMatch(of: #/TELLER_TEST_POSTGRES_URL=(\S+)/#)?.output.1 else {
            throw Failure(description: "\(self.folder)/env names no database")
        }
        return String(url)
    }

    /// Runs an action of `Deploy/services`.
    func perform(_ action: String, _ options: String...) async throws {
        let process = self.process([action, "--data", self.folder] + options)
        let status = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        if status != 0 { throw Failure(description: "\(self.services) \(action) ended with \(status)") }
    }

    /// Ends the server and removes its folder.
    func delete() {
        let process = self.process(["delete", "--data", self.folder])
        try? process.run()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    private func process(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: self.services)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return process
    }
}
