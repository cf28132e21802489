import ArgumentParser
import DeadLetters
import Foundation
import Ledger
import Logging
import Postgres
import Teller
import TellerMessages
import Transformer

/// How messages are tried again without consequences: shared by `teller dead what-if` and `teller dead replay --dry-run`.
struct DeadWhatIfOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A checkpoint's folder or .gguf file to answer with (default: TELLER_MODEL).", valueName: "path"))
    var model: String?

    @Option(help: "How to hold its weights: f32, bf16, q8 or q4 (default: TELLER_WEIGHTS).")
    var weights: String?

    @Option(
        help: ArgumentHelp(
            "When to ask: now, request (when a worker first took each), or an RFC 3339 instant.", valueName: "moment"))
    var asOf = "now"

    @Option(
        help: ArgumentHelp("Exit 65 when a message changes as much as this or more: any, figures, plan or status.", valueName: "change"),
        transform: gate)
    var failOn: WhatIfGate?

    @Flag(help: "Show the customers' words too: answers, names, and what a plan looks for. The audit says who did.")
    var showText = false

    func validate() throws {
        guard WhatIfMoment(self.asOf) != nil else {
            throw ValidationError("--as-of takes now, request or an RFC 3339 instant, such as 2026-11-25T00:00:00Z")
        }
        guard self.weights == nil || self.weightFormat != nil else {
            throw ValidationError("--weights takes \(WeightFormat.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }

    private static func gate(_ text: String) throws -> WhatIfGate {
        guard let gate = WhatIfGate(rawValue: text) else { throw ValidationError("--fail-on takes any, figures, plan or status") }
        return gate
    }

    private var weightFormat: WeightFormat? { self.weights.flatMap(WeightFormat.init(rawValue:)) }

    /// Tries the messages, prints what differs and the summary, and fails where a gate is not passed.
    func tryOut(_ selection: WhatIfSelection, limit: Int? = nil, _ options: CommandOptions) async throws {
        try await options.withOperator { database in
            let settings = try await options.settings()
            var model = try TellerConfiguration.ModelSettings(reading: settings)
            if let path = self.model { model.path = path }
            if let format = self.weightFormat { model.weights = format }
            let key = try TicketKey(contentsOfFile: try settings.ticketKeyFile())
            var postgres = try settings.postgres()
            postgres.isReadOnly = true
            postgres.applicationName = "teller-what-if"
            try await PostgresClient.withClient(postgres, logger: Logger(label: "teller")) { client in
                let rehearsal = try await RequestRehearsal(
                    model: model, postgres: client, ticketKey: key, verifyingAs: try? TellerConfiguration(reading: settings))
                let moment = WhatIfMoment(self.asOf) ?? .now
                let whatIf = WhatIf(database: database, rehearsal: rehearsal, asOf: moment, showingText: self.showText)
                let report = DeadWhatIfReport(output: options.output, showsText: self.showText)
                let progress = ModelProgressBar("Trying")
                var done = 0
                let summary = try await whatIf.run(selection, limit: limit) { result, total in
                    done += 1
                    progress.clear()
                    report.show(result)
                    progress.show(Double(done) / Double(total))
                }
                progress.clear()
                report.show(summary, of: rehearsal.model, at: moment, operation: whatIf.operation, gate: self.failOn)
                if let gate = self.failOn, !summary.passes(gate) { throw ExitStatus.data }
            }
        }
    }
}
