import ArgumentParser
import Foundation
import TellerMessages
import Transformer

/// `teller model quantize`
struct ModelQuantize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Write a checkpoint's weights in 8 or 4 bits, to be loaded in an instant.",
        discussion: """
            Loading with --weights q8 or q4 rounds the weights each time. A checkpoint written by this command is rounded once: it \
            is mapped into memory as it is, and the same numbers come out. It is a directory like the source, with its \
            tokenizer and configuration, for this program only.

              teller model quantize ~/models/Qwen2.5-0.5B-Instruct ~/models/qwen-q8 --weights q8
            """)

    @Argument(help: ArgumentHelp("The checkpoint's directory.", valueName: "source"))
    var source: String

    @Argument(help: ArgumentHelp("The directory to make; nothing may be there yet.", valueName: "destination"))
    var destination: String

    @Option(help: "q8 or q4.")
    var weights: WeightFormat

    @OptionGroup var options: CommandOptions

    func validate() throws {
        guard [.q8, .q4].contains(self.weights) else { throw ValidationError("--weights takes q8 or q4 here") }
    }

    func run() async throws {
        try await reportingFailure {
            let start = ContinuousClock.now
            let bar = ModelProgressBar("Quantising")
            do {
                defer { bar.clear() }
                try QuantizedCheckpoint.write(from: self.source, to: self.destination, weights: self.weights) { bar.show($0) }
            }
            let time = ContinuousClock.now - start
            let (before, after) = (Self.size(of: self.source), Self.size(of: self.destination))
            self.options.show([
                "weights": .string(self.weights.rawValue), "source_bytes": .integer(before), "bytes": .integer(after),
                "seconds": .decimals(time / .seconds(1), 3),
            ]) {
                """
                \(self.destination): \(ModelBenchReport.text(Double(after) / 1e6, 0)) MB of weights in \(self.weights.rawValue), \
                from \(ModelBenchReport.text(Double(before) / 1e6, 0)) MB, in \(ModelBenchReport.text(time / .seconds(1), 1)) s
                """
            }
        }
    }

    /// Bytes of a checkpoint's files of weights.
    private static func size(of directory: String) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasSuffix(".safetensors") }.reduce(0) { sum, name in
            let path = URL(fileURLWithPath: "\(directory)/\(name)").resolvingSymlinksInPath().path
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return sum + (attributes?[.size] as? Int ?? 0)
        }
    }
}
