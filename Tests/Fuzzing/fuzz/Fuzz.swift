import Foundation
import Mutation
import Transformer

/// Loads checkpoints of which one file was changed at random: each must load or be refused, soon and without a crash.
///
/// What is loaded is on the disk before it is loaded, so that a crash leaves it behind in the working directory.
///
///     fuzz [--seconds 600] [--seed 1] [--fixtures DIRECTORY] [--directory DIRECTORY]
@main
enum Fuzz {
    private static let limit = Duration.seconds(5)

    static func main() throws {
        var options = ["--seconds": "600", "--seed": "1"]
        options["--directory"] = FileManager.default.temporaryDirectory.appending(path: "fuzzing").path(percentEncoded: false)
        options["--fixtures"] = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../TransformerTests/Fixtures").standardized.path(percentEncoded: false)
        for (name, value) in zip(CommandLine.arguments, CommandLine.arguments.dropFirst()) where name.hasPrefix("--") {
            options[name] = value
        }
        let directory = options["--directory"] ?? ""
        var targets = try Target.all(fixtures: options["--fixtures"] ?? "", directory: directory)
        var mutator = Mutator(seed: options["--seed"].flatMap { UInt64($0) } ?? 1)
        let end = ContinuousClock.now + .seconds(options["--seconds"].flatMap { Double($0) } ?? 600)
        var findings = 0
        while ContinuousClock.now < end {
            for index in targets.indices where !(try Self.run(&targets[index], &mutator, directory: directory)) {
                findings += 1
            }
        }
        for target in targets {
            print(
                "\(target.name): \(target.accepted + target.refused) loads, \(target.refused) refused, slowest \(target.slowest)"
            )
        }
        print("\(findings) findings")
        exit(findings == 0 ? 0 : 1)
    }

    /// One load; false where it took too long.
    private static func run(_ target: inout Target, _ mutator: inout Mutator, directory: String) throws -> Bool {
        let seed = target.seeds[mutator.number(below: target.seeds.count)]
        let other = target.seeds[mutator.number(below: target.seeds.count)]
        let bytes = mutator.mutate(seed, with: other, header: target.header)
        let path = "\(directory)/\(target.file)"
        try Data(bytes).write(to: URL(filePath: path))
        let start = ContinuousClock.now
        do {
            try target.load(from: directory)
            target.accepted += 1
        } catch {
            target.refused += 1
        }
        let duration = start.duration(to: .now)
        target.slowest = max(target.slowest, duration)
        guard duration > Self.limit else { return true }
        let kept = "\(path).slow-\(target.accepted + target.refused)"
        try Data(bytes).write(to: URL(filePath: kept))
        print("\(target.name): \(duration) for \(kept)")
        return false
    }
}
