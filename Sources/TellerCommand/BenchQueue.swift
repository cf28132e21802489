import ArgumentParser
import Teller
import UnixSignals

/// `teller bench queue`
struct BenchQueue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Measure messages a second and processor time a message, of workers and of bare C.",
        discussion: """
            Measures, one after the other on the same servers and on queues of its own:

              path            'teller worker' processes that answer requests with a given plan and plain wording, so that no \
            inference is in it: claim, facts, record, publish, confirm, acknowledge
              loop            a loop in C over librabbitmq: consume, publish, confirm, acknowledge; with the workers' prefetch \
            count and with 256, the most that helps. No worker can be faster
              loop with SQL   that loop with the path's statements by libpq, in the same transactions

            Each runs in as many processes as there are workers. Before the clock starts, all of them are connected and warm and \
            the whole load waits in the queue; the clock stops when the last answer is in the answers' queue. Client CPU is the \
            user and system time of the measured processes meanwhile. Then each request must have exactly one answer, or the \
            command fails.

            Takes the settings of a worker, and needs 'teller topology apply' and 'teller database demo' to have been run. Workers \
            run with TELLER_AUTH=broker. Measure on a machine that does nothing else, with a release build and many times as many \
            messages as are prefetched, since those are on their way before the clock starts:

              teller bench queue --messages 20000 --workers 1 --prefetch 64

            The requests' rows in the schema teller have ids that start with 'bench-'. They are deleted afterwards when \
            TELLER_POSTGRES_ADMIN_URL is a superuser's.
            """)

    @Option(help: "How many requests each of them answers while the clock runs.")
    var messages = 10_000

    @Option(help: "How many processes.")
    var workers = 1

    @Option(help: "How many messages each process holds at once.")
    var prefetch = 16

    @OptionGroup var options: CommandOptions

    func validate() throws {
        guard (100...1_000_000).contains(self.messages) else { throw ValidationError("--messages takes 100 to 1000000") }
        guard (1...64).contains(self.workers) else { throw ValidationError("--workers takes 1 to 64") }
        guard (1...1000).contains(self.prefetch) else { throw ValidationError("--prefetch takes 1 to 1000") }
    }

    func run() async throws {
        try await reportingFailure {
            let logger = self.options.logger()
            let site = try await BenchQueueSite(
                settings: try await self.options.settings(), configurationFile: self.options.config, logger: logger)
            let run = BenchQueueRun(
                site: site, messages: self.messages, workers: self.workers, prefetch: self.prefetch,
                progress: { try? FileDescriptorText.standardError("\($0)\n") })
            let report = try await Self.untilInterrupted { try await run.report() }
            self.options.show(report.json) { report.table }
        }
    }

    /// Runs the body until it is done, or until SIGINT or SIGTERM cancels it: then it has cleaned up, and the exit code is the
    /// shell's for an interrupted program.
    private static func untilInterrupted<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in signals { return nil }
                throw CancellationError()
            }
            defer { group.cancelAll() }
            if let result = try await group.next() ?? nil { return result }
            group.cancelAll()
            // The body throws once it has cleaned up.
            while (try? await group.next()) != nil {}
            throw ExitCode(130)
        }
    }
}
