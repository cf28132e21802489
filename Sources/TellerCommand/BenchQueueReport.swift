import Foundation
import TellerMessages

/// What was measured of one contender.
struct BenchQueueMeasurement: Sendable {
    let contender: BenchQueueContender
    let messages: Int
    let time: Duration
    /// Processor time of its processes.
    let client: Duration
    /// Processor time of the servers, where they can be looked at.
    let broker: Duration?
    let database: Duration?
    /// Mean bytes of an answer; 0 for a loop.
    let answerSize: Int

    var messagesPerSecond: Double { Double(self.messages) / (self.time / .seconds(1)) }

    func microseconds(_ time: Duration) -> Double { time / .microseconds(1) / Double(self.messages) }
}

/// All measurements of a benchmark, and how the path compares.
struct BenchQueueReport: Sendable {
    let workers: Int
    var measurements: [BenchQueueMeasurement] = []

    /// The path over another contender: of messages a second, and of client CPU a message.
    private struct Ratio {
        let other: String
        let rate: Double
        let processor: Double
    }

    private var ratios: [Ratio] {
        guard let path = self.measurements.first else { return [] }
        return self.measurements.dropFirst().map { other in
            Ratio(
                other: other.contender.name, rate: path.messagesPerSecond / other.messagesPerSecond,
                processor: path.microseconds(path.client) / other.microseconds(other.client))
        }
    }

    /// Cores, and how many programs wanted one in the last minute.
    private static var machine: (cores: Int, load: Double) {
        let average = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        return (ProcessInfo.processInfo.activeProcessorCount, average.split(separator: " ").first.flatMap { Double($0) } ?? 0)
    }

    var table: String {
        var lines = [Self.row("", "messages/s", "client µs", "broker µs", "database µs")]
        for one in self.measurements {
            lines.append(
                Self.row(
                    one.contender.name, Self.text(one.messagesPerSecond, 0), Self.text(one.microseconds(one.client), 1),
                    one.broker.map { Self.text(one.microseconds($0), 0) } ?? "-",
                    one.database.map { Self.text(one.microseconds($0), 0) } ?? "-"))
        }
        lines.append("")
        for ratio in self.ratios {
            lines.append(
                "path / \(ratio.other): \(Self.text(ratio.rate, 2)) of the messages/s, \(Self.text(ratio.processor, 1)) times the client CPU")
        }
        let machine = Self.machine
        lines.append("")
        lines.append(
            "\(self.measurements.first?.messages ?? 0) messages each, \(self.workers) processes each; µs are processor time a message. "
                + "\(machine.cores) cores, load average \(Self.text(machine.load, 1)).")
        return lines.joined(separator: "\n")
    }

    var json: JSONValue {
        let machine = Self.machine
        return [
            "workers": .integer(self.workers), "messages": .integer(self.measurements.first?.messages ?? 0),
            "answer_bytes": .integer(self.measurements.first?.answerSize ?? 0), "cores": .integer(machine.cores),
            "load_average": Self.number(machine.load, 2),
            "measurements": .array(self.measurements.map { one in
                [
                    "name": .string(one.contender.name), "seconds": Self.number(one.time / .seconds(1), 3),
                    "messages_per_second": Self.number(one.messagesPerSecond, 1),
                    "client_cpu_us": Self.number(one.microseconds(one.client), 2),
                    "broker_cpu_us": one.broker.map { Self.number(one.microseconds($0), 1) } ?? .null,
                    "database_cpu_us": one.database.map { Self.number(one.microseconds($0), 1) } ?? .null,
                ]
            }),
            "path_compared": .array(self.ratios.map { ratio in
                [
                    "to": .string(ratio.other), "messages_per_second": Self.number(ratio.rate, 3),
                    "client_cpu": Self.number(ratio.processor, 2),
                ]
            }),
        ]
    }

    private static func row(_ name: String, _ columns: String...) -> String {
        let padded = columns.map { String(repeating: " ", count: max(0, 13 - $0.count)) + $0 }
        return name + String(repeating: " ", count: max(0, 30 - name.count)) + padded.joined()
    }

    private static func text(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }
    private static func number(_ value: Double, _ places: Int) -> JSONValue { .number(Self.text(value, places)) }
}
