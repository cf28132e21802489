import AMQP

/// Something that is measured, and how its processes are started.
enum BenchQueueContender: Sendable {
    case path(prefetch: Int)
    /// Bodies have the size of the path's answers.
    case loop(window: Int, bodySize: Int)
    case loopWithSQL(window: Int, bodySize: Int)

    var name: String {
        switch self {
        case .path(let prefetch): "path, prefetch \(prefetch)"
        case .loop(let window, _): "loop, prefetch \(window)"
        case .loopWithSQL(let window, _): "loop with SQL, prefetch \(window)"
        }
    }

    /// Part of queue names and request ids.
    var label: String {
        switch self {
        case .path(let prefetch): "path-\(prefetch)"
        case .loop(let window, _): "loop-\(window)"
        case .loopWithSQL(let window, _): "sql-\(window)"
        }
    }

    func arguments(_ queues: BenchQueueLoad.Queues, at site: BenchQueueSite) -> [String] {
        switch self {
        case .path:
            return ["worker"] + (site.configurationFile.map { ["--config", $0] } ?? [])
        case .loop(let window, let bodySize):
            return Self.loop(queues, window, bodySize)
        case .loopWithSQL(let window, let bodySize):
            return Self.loop(queues, window, bodySize) + ["--sql"]
        }
    }

    func environment(_ queues: BenchQueueLoad.Queues, at site: BenchQueueSite) -> [String: String] {
        var environment = site.environment
        if case .path(let prefetch) = self {
            environment["TELLER_QUEUES"] = queues.requests.name
            environment["TELLER_PREFETCH"] = "\(prefetch)"
        }
        return environment
    }

    private static func loop(_ queues: BenchQueueLoad.Queues, _ window: Int, _ bodySize: Int) -> [String] {
        [
            "bench", "loop", "--input", queues.requests.name, "--output", queues.replies.name, "--window", "\(window)", "--body-size",
            "\(bodySize)",
        ]
    }
}
