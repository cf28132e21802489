import ArgumentParser
import Foundation
import TellerMessages
import Transformer

/// `teller model bench`
struct ModelBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast a checkpoint reads and writes on this machine.",
        discussion: """
            For each number of threads and of sequences at once, each sequence reads a prompt of its own and then writes on from \
            it, token by token and without speculation. A row says

              prefill    prompt tokens read a second, all sequences together
              decode     new tokens written a second, all sequences together
              of peak    prefill's multiplications and additions over those that the processors do in registers
              of memory  the bytes of weights that decoding reads a second, over a plain read of memory; from some sequences on \
            arithmetic is the limit, not memory
              load       seconds from nothing to a model that is ready
              peak       the most memory that the process had by then

            The two limits are measured in the same process, by loops of nothing else. The best of the rounds counts.

            With --workload chat, 64 chat requests that come at once are answered as a worker would: they share a prefix of 400 \
            tokens, have 150 of their own, and write 60, half of which they copy from their prompt when the model does so.

            Measure on a machine that does nothing else, with a release build.

              teller model bench --weights q8 --prompt 512 --generate 64 --batch 1,4,8 --threads 1,2
              teller model bench --weights q8 --workload chat --threads 2 --output json
            """)

    @Option(help: "How many tokens each sequence reads.")
    var prompt = 512

    @Option(help: "How many tokens each sequence writes.")
    var generate = 64

    @Option(help: ArgumentHelp("How many sequences at once.", valueName: "n,n,…"))
    var batch = NumberList([1, 4, 8])

    @Option(help: ArgumentHelp("How many threads (default: one for each processor).", valueName: "n,n,…"))
    var threads = NumberList([ProcessInfo.processInfo.activeProcessorCount])

    @Option(help: "How often each row is measured.")
    var rounds = 2

    @Option(help: "What to measure: rows (batches of equal sequences) or chat (requests a second).")
    var workload: Workload = .rows

    @OptionGroup var checkpoint: CheckpointOptions

    enum Workload: String, ExpressibleByArgument, CaseIterable {
        case rows
        case chat
    }

    func validate() throws {
        guard self.prompt > 0 else { throw ValidationError("--prompt takes a number above 0") }
        guard self.generate > 0 else { throw ValidationError("--generate takes a number above 0") }
        guard self.rounds > 0 else { throw ValidationError("--rounds takes a number above 0") }
    }

    func run() async throws {
        try await reportingFailure {
            let start = ContinuousClock.now
            let model = try self.checkpoint.load()
            let bench = ModelBenchRun(model: model, loadTime: .now - start, rounds: self.rounds)
            switch self.workload {
            case .rows:
                let report = try await bench.report(
                    prompt: self.prompt, generate: self.generate, batches: self.batch.numbers, threads: self.threads.numbers)
                self.checkpoint.options.show(report.json) { report.table }
            case .chat:
                let report = try await bench.chat(ModelBenchChat(model: model), threads: self.threads.numbers)
                self.checkpoint.options.show(report.json) { report.table }
            }
        }
    }
}

/// Numbers above 0 on the command line: `1,4,8`.
struct NumberList: ExpressibleByArgument {
    let numbers: [Int]

    init(_ numbers: [Int]) { self.numbers = numbers }

    init?(argument: String) {
        let parts = argument.split(separator: ",")
        let numbers = parts.compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }.filter { $0 > 0 }
        guard !numbers.isEmpty, numbers.count == parts.count else { return nil }
        self.numbers = numbers
    }

    var defaultValueDescription: String { self.numbers.map(String.init).joined(separator: ",") }
}
