import ArgumentParser
import DeadLetters
import Foundation
import TellerMessages

/// `teller dead import`
struct DeadImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take exported dead letters back.",
        discussion: """
            Safe to repeat: what is there already stays as it is, and an id that belongs to another message is counted as a conflict and \
            changes nothing. A line that is no dead letter ends the import with its number; what came before it is kept.
            """)

    /// Lines in one transaction.
    private static let batch = 100

    @Argument(help: "The file that teller dead export wrote.")
    var file: String

    @OptionGroup var options: CommandOptions

    func run() async throws {
        try await self.options.withOperator { database in
            let archive = DeadLetterArchive(database: database)
            let operation = UUID()
            var lines = try LineFile(reading: self.file)
            try await archive.auditImport(operation, of: URL(fileURLWithPath: self.file).lastPathComponent)
            var count = DeadLetterImportCount()
            var documents: [DeadLetterDocument] = []
            while true {
                let line = try lines.next()
                if let line { documents.append(try self.document(line, lines.number)) }
                if documents.count == Self.batch || line == nil, !documents.isEmpty {
                    count += try await archive.import(documents, operation: operation)
                    documents.removeAll()
                    if lines.number.isMultiple(of: 10 * Self.batch) { try FileDescriptorText.standardError("\(lines.number) read\n") }
                }
                if line == nil { break }
            }
            self.options.show([
                "kept": .integer(count.kept), "known": .integer(count.known), "conflicts": .integer(count.conflicts),
                "operation": .string(operation.uuidString.lowercased()),
            ]) {
                "Kept \(count.kept); \(count.known) were there already; \(count.conflicts) have the id of another message."
            }
            if count.conflicts > 0 { throw ExitStatus.data }
        }
    }

    private func document(_ line: [UInt8], _ number: Int) throws -> DeadLetterDocument {
        do {
            return try DeadLetterDocument(try JSONValue(parsing: line, maximumDepth: 512, maximumSize: line.count))
        } catch let error as JSONSyntaxError {
            throw FileFailure(self.file, "line \(number): \(error)")
        } catch let error as DeadLetterDocument.Malformed {
            throw FileFailure(self.file, "line \(number): \(error)")
        }
    }
}
