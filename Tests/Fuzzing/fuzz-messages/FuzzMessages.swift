import Foundation
import Mutation
import TellerMessages

/// Decodes requests whose body, or whose properties on the wire, were changed at random: each must be read or refused, soon and
/// without a crash, and what is read must be what it says.
///
///     fuzz-messages [--seconds 600] [--seed 1]
@main
enum FuzzMessages {
    private static let limit = Duration.seconds(1)

    /// What this thread has used: a busy machine makes no message slow.
    private static var processorTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    static func main() throws {
        var options = ["--seconds": "600", "--seed": "1"]
        for (name, value) in zip(CommandLine.arguments, CommandLine.arguments.dropFirst()) where name.hasPrefix("--") {
            options[name] = value
        }
        var mutator = Mutator(seed: options["--seed"].flatMap { UInt64($0) } ?? 1)
        let end = ContinuousClock.now + .seconds(options["--seconds"].flatMap { Double($0) } ?? 600)
        var counts = (messages: 0, accepted: 0, findings: 0)
        var slowest = Duration.zero
        while ContinuousClock.now < end {
            for sample in Sample.all {
                let mutated = sample.mutated(by: &mutator)
                let start = Self.processorTime
                let outcome = mutated.decode()
                let duration = Self.processorTime - start
                counts.messages += 1
                slowest = max(slowest, duration)
                if outcome.isAccepted { counts.accepted += 1 }
                guard let fault = duration > Self.limit ? "\(duration)" : outcome.fault else { continue }
                counts.findings += 1
                print("\(fault)\n  body \(Data(mutated.body).base64EncodedString())\n  properties \(Data(mutated.properties).base64EncodedString())")
            }
        }
        print("\(counts.messages) messages, \(counts.accepted) accepted, slowest \(slowest), \(counts.findings) findings")
        exit(counts.findings == 0 ? 0 : 1)
    }
}
