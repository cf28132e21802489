import Glibc

/// The fields of `/proc/self/stat` that are exported, in seconds and bytes.
///
/// See `proc_pid_stat(5)`.
struct ProcessStatus {
    let cpuSeconds: Double
    let threads: Double
    /// Since the kernel started.
    let startSeconds: Double
    let residentBytes: Double

    static func current() -> ProcessStatus? {
        readProcFile("/proc/self/stat").flatMap { ProcessStatus(stat: $0) }
    }

    init?(
        stat: String,
        ticksPerSecond: Double = Double(sysconf(Int32(_SC_CLK_TCK))),
        pageBytes: Double = Double(sysconf(Int32(_SC_PAGESIZE)))
    ) {
        // The command's name, field 2, may itself hold spaces and parentheses: the fields start after the last one.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ").map { Double($0) }
        // Field 3 is the first here.
        func field(_ number: Int) -> Double? { fields.indices.contains(number - 3) ? fields[number - 3] : nil }
        guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22),
            let pages = field(24)
        else { return nil }
        self.cpuSeconds = (user + system) / ticksPerSecond
        self.threads = threads
        self.startSeconds = start / ticksPerSecond
        self.residentBytes = pages * pageBytes
    }
}

/// The whole text of a file under `/proc`, which has no size to ask for.
func readProcFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count >= 0 else { return nil }
        if count == 0 { return String(decoding: text, as: UTF8.self) }
        text += buffer[..<count]
    }
}
