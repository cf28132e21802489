import ArgumentParser

/// `teller bench`
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure Teller against bare C on the same servers.",
        subcommands: [BenchQueue.self, BenchQueueLoop.self])
}
