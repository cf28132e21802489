import ArgumentParser
import DeadLetters
import Foundation

/// How a plan is to be carried out.
struct DeadPlanOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Messages a second or minute, at most.", valueName: "n/s"))
    var rate = ReplayRate(perSecond: 10)

    @Option(help: ArgumentHelp("Messages in each of the first steps; a step begins when all before it is settled. Or none.", valueName: "n,n,…"))
    var canary = "1,5,25,100"

    @Option(help: "Messages that may be sent and not settled, at most.")
    var inFlight = 100

    @Option(help: "Stop when this many messages fail again for the reason that they failed for before.")
    var brakeReturned = 1

    @Option(help: "Stop when this many fail for whatever reason.")
    var brakeFailed = 5

    @Option(help: ArgumentHelp("Stop when a message waits this long for a worker.", valueName: "seconds"))
    var brakeLatency = 30.0

    @Option(help: ArgumentHelp("What becomes of deadlines: keep them, none, or this much time from when each is sent (90s, 15m, 2h).", valueName: "policy"))
    var deadline = ReplayDeadline(.keep)

    @Flag(help: "Send requests too that were answered meanwhile: their recorded answer goes out once more.")
    var resendAnswered = false

    func validate() throws {
        guard self.canarySteps != nil else { throw ValidationError("--canary takes numbers above zero, such as 1,5,25,100, or none") }
        guard self.inFlight > 0, self.brakeReturned > 0, self.brakeFailed > 0, self.brakeLatency > 0 else {
            throw ValidationError("--in-flight and the brakes take numbers above zero")
        }
    }

    private var canarySteps: [Int]? {
        if self.canary == "none" { return [] }
        let steps = self.canary.split(separator: ",", omittingEmptySubsequences: false).map { Int($0).flatMap { $0 > 0 ? $0 : nil } }
        return steps.contains(nil) ? nil : steps.compactMap(\.self)
    }

    var replay: ReplayOptions {
        var options = ReplayOptions()
        options.rate = self.rate.perSecond
        options.canary = self.canarySteps ?? []
        options.inFlight = self.inFlight
        options.deadline = self.deadline.policy
        options.resendsAnswered = self.resendAnswered
        options.brake.returned = self.brakeReturned
        options.brake.failed = self.brakeFailed
        options.brake.latency = self.brakeLatency
        return options
    }
}

/// `50`, `50/s` or `30/m`.
struct ReplayRate: ExpressibleByArgument {
    let perSecond: Double

    init(perSecond: Double) { self.perSecond = perSecond }

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let count = parts.first.flatMap({ Double($0) }), count > 0, count <= 100_000 else { return nil }
        switch parts.count == 2 ? parts[1] : "s" {
        case "s": self.perSecond = count
        case "m": self.perSecond = count / 60
        default: return nil
        }
    }

    var defaultValueDescription: String { "\(Int(self.perSecond))/s" }
}

/// `keep`, `none`, or a duration such as `15m`.
struct ReplayDeadline: ExpressibleByArgument {
    let policy: ReplayOptions.Deadline

    init(_ policy: ReplayOptions.Deadline) { self.policy = policy }

    init?(argument: String) {
        if argument == "keep" { self.policy = .keep; return }
        if argument == "none" { self.policy = .none; return }
        let units = ["s": 1.0, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = units[String(argument.suffix(1))], let count = Double(argument.dropLast()), count > 0, count.isFinite else {
            return nil
        }
        self.policy = .within(seconds: count * unit)
    }

    var defaultValueDescription: String { "keep" }
}
