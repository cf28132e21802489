public import Foundation
public import Teller
import TellerMessages

/// Tries messages again with publishing and recording off, and tells what would be answered otherwise than before.
///
/// The messages are handed out a page at a time, each with an entry in the audit chain; after that nothing is written. What tries
/// them holds no connection to a broker and reads the ledger in sessions that can change nothing.
public struct WhatIf: Sendable {
    /// How many messages are in memory, and tried side by side, at a time.
    private static let page = 64

    private let database: OperatorDatabase
    private let rehearsal: RequestRehearsal
    private let moment: WhatIfMoment
    private let showsText: Bool
    public let operation = UUID()

    /// - Parameter showsText: Whether the caller is going to show the customers' words, which the audit then says.
    public init(database: OperatorDatabase, rehearsal: RequestRehearsal, asOf moment: WhatIfMoment, showingText showsText: Bool) {
        self.database = database
        self.rehearsal = rehearsal
        self.moment = moment
        self.showsText = showsText
    }

    /// Tries every message of the selection, in order.
    ///
    /// - Parameters:
    ///   - limit: How many at most.
    ///   - report: Told each result, with how many messages there are.
    public func run(
        _ selection: WhatIfSelection, limit: Int? = nil, report: (WhatIfResult, _ total: Int) async throws -> Void
    ) async throws -> WhatIfSummary {
        let intake = WhatIfIntake(
            database: self.database, operation: self.operation, purpose: self.showsText ? "what-if-with-text" : "what-if")
        try await intake.note(
            "what-if-begin",
            [
                "selection": selection.json, "as_of": .string("\(self.moment)"), "model": .string(self.rehearsal.model.label),
                "shows_text": .bool(self.showsText),
            ])
        let references = try await intake.references(selection, limit: limit)
        let plan: UUID? = if case .plan(let id) = selection { id } else { nil }
        var summary = WhatIfSummary()
        for start in stride(from: 0, to: references.count, by: Self.page) {
            let page = references[start..<min(start + Self.page, references.count)]
            let messages = try await intake.take(page, of: plan)
            for result in try await self.results(of: messages) {
                summary.add(result)
                try await report(result, references.count)
            }
        }
        try await intake.note("what-if-end", summary.json)
        return summary
    }

    /// Tries messages side by side; the results are in their order.
    private func results(of messages: [WhatIfMessage]) async throws -> [WhatIfResult] {
        try await withThrowingTaskGroup(of: (Int, WhatIfResult).self) { group in
            for (index, message) in messages.enumerated() {
                group.addTask { (index, try await self.result(of: message)) }
            }
            var results: [Int: WhatIfResult] = [:]
            for try await (index, result) in group { results[index] = result }
            return messages.indices.compactMap { results[$0] }
        }
    }

    private func result(of message: WhatIfMessage) async throws -> WhatIfResult {
        let (now, ledger) = self.moment.resolved(for: message.claimed)
        func result(_ outcome: WhatIfResult.Outcome) -> WhatIfResult {
            WhatIfResult(failureID: message.failureID, requestID: message.requestID, asOf: now, outcome: outcome)
        }
        guard let amqp = message.message else {
            return result(.untried("the message was not kept whole: it is older than this database's schema, or damaged"))
        }
        do {
            let answer = try await self.rehearsal.answer(
                to: RehearsedRequest(
                    message: amqp, customerID: message.customerID, previousPlan: message.previousPlan, now: now, ledger: ledger))
            return result(.tried(AnswerDifference(from: message.earlier, to: answer)))
        } catch let error as RehearsalError {
            return result(.untried(error.description))
        }
    }
}
