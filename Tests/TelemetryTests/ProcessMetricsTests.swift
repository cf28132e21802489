import Glibc
import Testing

@testable import Telemetry

@Suite struct ProcessMetricsTests {
    private func value(_ name: String, in families: [MetricFamily]) throws -> Double {
        try #require(families.first { $0.name == name }?.samples.first?.value)
    }

    @Test func `the process measures itself`() throws {
        let families = ProcessMetrics().collect()
        #expect(try self.value("process_resident_memory_bytes", in: families) > 1e6)
        #expect(try self.value("process_threads", in: families) >= 1)
        #expect(try self.value("process_open_fds", in: families) >= 3)
        let age = try Double(time(nil)) - self.value("process_start_time_seconds", in: families)
        #expect(age > -2 && age < 3_600)
    }

    @Test func `a command's name cannot shift the fields`() throws {
        let fields = (3...30).map { "\($0)" }.joined(separator: " ")
        let status = try #require(
            ProcessStatus(stat: "1 (a) b (c) \(fields)\n", ticksPerSecond: 10, pageBytes: 4_096))
        #expect(status.cpuSeconds == 2.9)
        #expect(status.threads == 20)
        #expect(status.startSeconds == 2.2)
        #expect(status.residentBytes == 24 * 4_096)
    }

    @Test(arguments: ["", "1 (x", "1 (x) R 1 2"])
    func `a status that is cut short is no status`(stat: String) {
        #expect(ProcessStatus(stat: stat) == nil)
    }
}
