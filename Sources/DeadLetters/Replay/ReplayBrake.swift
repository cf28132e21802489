import Foundation
import TellerMessages

/// When a replay stops by itself.
public struct ReplayBrake: Sendable, Hashable {
    /// Stops when this many messages have failed for the reason that they failed for before; an attempt that is retried counts.
    public var returned = 1
    /// Stops when this many have failed for whatever reason.
    public var failed = 5
    /// Stops when a message has waited this long, in seconds, for a worker: the live queue is as slow as that for everyone.
    public var latency = 30.0

    public init() {}

    /// Why the replay has to stop; nil while it may go on.
    func reason(_ status: ReplayStatus) -> String? {
        if status.returned >= self.returned {
            return "\(status.returned) of the messages failed again for the reason that they failed for before"
        }
        if status.failed >= self.failed { return "\(status.failed) of the messages failed" }
        if status.waited >= self.latency {
            return "a message has waited \(String(format: "%.1f", status.waited)) s for a worker: the live queue is too slow"
        }
        return nil
    }

    var json: JSONValue {
        ["returned": .integer(self.returned), "failed": .integer(self.failed), "latency": .number("\(self.latency)")]
    }

    init(_ json: JSONValue) {
        guard let object = json.object else { return }
        if let returned = object["returned"]?.integer { self.returned = returned }
        if let failed = object["failed"]?.integer { self.failed = failed }
        if let latency = object["latency"]?.double { self.latency = latency }
    }
}
