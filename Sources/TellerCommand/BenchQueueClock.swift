import CoreFoundation
import Foundation
import Glibc

/// The processor time, user and system, of processes on this machine.
struct BenchQueueClock: Sendable {
    private let processes: [pid_t]
    private let parents: [pid_t]

    /// Of these processes, in the kernel's own resolution.
    init(of processes: [pid_t]) {
        self.processes = processes
        self.parents = []
    }

    /// Of the server that listens on a port of this machine, with the processes that it started; `nil` when it is elsewhere or
    /// may not be looked at.
    init?(ofServerAt host: String, port: UInt16) {
        guard ["127.0.0.1", "::1", "localhost"].contains(host) else { return nil }
        let sockets = Set(["tcp", "tcp6"].flatMap { Self.listening(in: "/proc/net/\($0)", port: port) }.map { "socket:[\($0)]" })
        let owner = Self.allProcesses().first { process in
            let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")) ?? []
            return descriptors.contains { descriptor in
                guard
                    let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\(descriptor)")
                else { return false }
                return sockets.contains(target)
            }
        }
        guard let owner else { return nil }
        self.processes = []
        self.parents = [owner]
    }

    /// The time so far. Of a server it includes what its children have used that ended before.
    func now() -> Duration {
        var total = Duration.zero
        for process in self.processes {
            var clock = clockid_t()
            var time = timespec()
            guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { continue }
            total += .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        }
        guard !self.parents.isEmpty else { return total }
        let tick = Duration.seconds(1) / sysconf(Int32(_SC_CLK_TCK))
        for status in Self.allProcesses().compactMap(Self.status) {
            if self.parents.contains(status.process) {
                total += tick * (status.ticks + status.ticksOfEnded)
            } else if self.parents.contains(status.parent) {
                total += tick * status.ticks
            }
        }
        return total
    }

    private struct Status {
        let process: pid_t
        let parent: pid_t
        let ticks: Int
        let ticksOfEnded: Int
    }

    /// Fields of `/proc/PID/stat`, as proc(5) numbers them: 4 parent, 14 and 15 own time, 16 and 17 that of ended children.
    private static func status(of process: pid_t) -> Status? {
        let text = Self.text(ofFile: "/proc/\(process)/stat")
        guard let nameEnd = text.lastIndex(of: ")") else { return nil }
        let fields = text[nameEnd...].split(separator: " ").dropFirst().map { Int($0) ?? 0 }
        guard fields.count > 14 else { return nil }
        return Status(
            process: process, parent: pid_t(fields[1]), ticks: fields[11] + fields[12], ticksOfEnded: fields[13] + fields[14])
    }

    private static func allProcesses() -> [pid_t] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }.sorted()
    }

    /// The inodes of sockets that listen on a port.
    private static func listening(in file: String, port: UInt16) -> [Substring] {
        let hexadecimal = String(port, radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
        return Self.text(ofFile: file).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            // Field 1 is the local address, 3 the state (0A: listening), 9 the inode.
            guard fields.count > 9, fields[1].hasSuffix(suffix), fields[3] == "0A" else { return nil }
            return fields[9]
        }
    }

    /// The whole of a file of the kernel's, whose size is not known before; Foundation reads its first page only.
    private static func text(ofFile path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var page = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&page, 1, page.count, file), count > 0 { bytes += page[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
