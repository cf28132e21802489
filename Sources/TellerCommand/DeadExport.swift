import ArgumentParser
import DeadLetters
import Foundation
import TellerMessages

/// `teller dead export`
struct DeadExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write dead letters to a file, whole, one JSON document a line.",
        discussion: """
            The file holds customers' words and tokens: it is made readable for you alone, and each message leaves an entry in the audit \
            chain. A body that is no text is written in base64, so nothing is lost; teller dead import restores it bit for bit. Interrupted, \
            it leaves no file of that name.
            """)

    @Argument(help: "The file to write. It must not exist.")
    var file: String

    @OptionGroup var selection: DeadSelectionOptions

    @OptionGroup var options: CommandOptions

    func run() async throws {
        try await self.options.withOperator { database in
            var lines = try PrivateFile(creating: self.file)
            var written = 0
            let (count, operation) = try await DeadLetterArchive(database: database).export(self.selection.selection) { document in
                try lines.write(document.json.serialized + [UInt8(ascii: "\n")])
                written += 1
                if written.isMultiple(of: 1000) { try FileDescriptorText.standardError("\(written) exported\n") }
            }
            try lines.finish()
            self.options.show(["exported": .integer(count), "operation": .string(operation.uuidString.lowercased())]) {
                "Exported \(count) to \(self.file)."
            }
        }
    }
}
