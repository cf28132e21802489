import Glibc

/// What `/proc/self` says of this process, under the names every Prometheus client library uses.
///
/// A figure that cannot be read, for want of a descriptor for example, is left out of that scrape.
public struct ProcessMetrics: MetricCollector {
    public init() {}

    public func collect() -> [MetricFamily] {
        var families: [MetricFamily] = []
        func gauge(_ name: String, _ help: String, _ value: Double?) {
            if let value { families.append(MetricFamily(name: name, kind: .gauge, help: help, value: value)) }
        }
        gauge("process_open_fds", "Number of open file descriptors.", Self.openDescriptors())
        guard let status = ProcessStatus.current() else { return families }
        gauge("process_resident_memory_bytes", "Resident memory size in bytes.", status.residentBytes)
        gauge("process_threads", "Number of threads.", status.threads)
        gauge(
            "process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
            Self.bootTime().map { $0 + status.startSeconds })
        families.append(
            MetricFamily(
                name: "process_cpu_seconds_total", kind: .counter,
                help: "Total user and system CPU time spent in seconds.", value: status.cpuSeconds))
        return families
    }

    private static func openDescriptors() -> Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var entries = 0
        while readdir(directory) != nil { entries += 1 }
        // Less ".", ".." and the descriptor that reads them.
        return Double(entries - 3)
    }

    /// Seconds since the epoch at which the kernel started.
    private static func bootTime() -> Double? {
        readProcFile("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
            .flatMap { Double($0.dropFirst(6)) }
    }
}
