import Foundation
import TellerMessages
import Testing

/// One `teller dead what-if`, or another command that prints the same, and what it printed.
struct WhatIfRun: Sendable {
    let status: Int32
    let output: String
    let errors: String
    let messages: [JSONObject]
    let summary: JSONObject

    /// Runs the command with JSON Lines as its output.
    init(_ arguments: [String], in environment: [String: String]) async throws {
        let folder = FileManager.default.temporaryDirectory
        let files = try ["out", "err"].map { kind in
            let file = folder.appendingPathComponent("what-if-\(UUID().uuidString).\(kind)")
            try Data().write(to: file)
            return file
        }
        defer { for file in files { try? FileManager.default.removeItem(at: file) } }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: WorkerWorld.program)
        process.arguments = ["dead"] + arguments + ["--output", "json"]
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        self.status = process.terminationStatus
        self.output = String(decoding: try Data(contentsOf: files[0]), as: UTF8.self)
        self.errors = String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
        let lines = try self.output.split(separator: "\n").compactMap {
            try JSONValue(parsing: Array($0.utf8), maximumSize: 1 << 22).object
        }
        self.messages = lines.filter { $0["verdict"] != nil }
        self.summary = lines.compactMap { $0["summary"]?.object }.first ?? JSONObject()
    }

    subscript(requestID: String) -> JSONObject? { self.messages.first { $0["request_id"]?.string == requestID } }

    var verdicts: [String] { self.messages.compactMap { $0["verdict"]?.string } }

    /// The figures that it flagged for a request: name, old and new value.
    func figures(of requestID: String) -> Set<[String]> {
        let facts = self[requestID]?["facts"]?.array?.compactMap(\.object) ?? []
        return Set(
            facts.filter { $0["change"]?.string != "source" }.map { fact in
                [fact["name"]?.string ?? "", fact["old"]?.string ?? "none", fact["new"]?.string ?? "none"]
            })
    }
}
