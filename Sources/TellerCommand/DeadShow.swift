import ArgumentParser
import DeadLetters
import TellerMessages

/// `teller dead show`
struct DeadShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one dead letter, by its own id or its request's, without the customer's words.")

    @Argument(help: "The failure's id or the request's.")
    var id: String

    @OptionGroup var options: CommandOptions

    func run() async throws {
        try await self.options.withOperator { database in
            let letters = try await DeadLetterArchive(database: database).show(self.id)
            guard !letters.isEmpty else {
                try FileDescriptorText.standardError("teller: there is no dead letter with that id; see teller dead list\n")
                throw ExitStatus.data
            }
            self.options.show(.array(letters.map(\.json))) { letters.map(\.page).joined(separator: "\n\n") }
        }
    }
}

extension DeadLetterRecord {
    fileprivate var page: String {
        self.json.object?.members.map { "\($0.name): \($0.value.string ?? $0.value.text)" }.joined(separator: "\n") ?? ""
    }
}
