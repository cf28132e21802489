import Foundation
import Postgres
import TellerMessages

/// Hands out what a what-if is tried on: first which messages, then each of them whole, with an entry in the audit chain.
struct WhatIfIntake: Sendable {
    /// One message that is to be handed out.
    enum Reference: Sendable, Hashable {
        case deadLetter(UUID)
        case request(String)
    }

    let database: OperatorDatabase
    let operation: UUID
    /// What the audit says that the messages are taken for.
    let purpose: String

    /// The messages of the selection, the earliest first or in the plan's order.
    func references(_ selection: WhatIfSelection, limit: Int?) async throws -> [Reference] {
        let limit = limit ?? Int(Int32.max)
        switch selection {
        case .plan(let id):
            let found = try await self.database.query("SELECT FROM teller.replay_plans WHERE plan_id = \(id)")
            guard !found.isEmpty else { throw WhatIfError.noSuchPlan }
            return try await self.database.query(
                "SELECT failure_id FROM teller.replay_items WHERE plan_id = \(id) ORDER BY position LIMIT \(limit)"
            ).map { .deadLetter(try $0.decode("failure_id")) }
        case .deadLetters(let selection):
            return try await self.database.query(
                """
                SELECT failure_id FROM teller.failures WHERE \(selection.condition)
                ORDER BY last_failed_at, failure_id LIMIT \(limit)
                """
            ).map { .deadLetter(try $0.decode("failure_id")) }
        case .answered(let selection):
            return try await self.database.query(
                """
                SELECT r.request_id FROM teller.requests AS r CROSS JOIN LATERAL (
                    SELECT status FROM teller.answers AS a WHERE a.request_id = r.request_id ORDER BY version DESC LIMIT 1
                ) AS answer
                WHERE \(selection.condition) AND answer.status = 'answered' ORDER BY r.received_at, r.request_id LIMIT \(limit)
                """
            ).map { .request(try $0.decode("request_id")) }
        }
    }

    /// Takes the messages, in the order of their references.
    ///
    /// - Parameter plan: The plan whose edits count.
    func take(_ references: ArraySlice<Reference>, of plan: UUID?) async throws -> [WhatIfMessage] {
        var failures: [UUID] = []
        var requests: [String] = []
        for reference in references {
            switch reference {
            case .deadLetter(let id): failures.append(id)
            case .request(let id): requests.append(id)
            }
        }
        let rows = try await self.database.transaction([
            "SELECT * FROM teller.take_trials(\(failures), \(plan), \(self.purpose), \(self.operation))",
            "SELECT * FROM teller.take_requests(\(requests), \(self.purpose), \(self.operation))",
        ])
        return try rows[0].map(WhatIfMessage.init(deadLetter:)) + rows[1].map(WhatIfMessage.init(request:))
    }

    /// Notes the operation as a whole.
    func note(_ action: String, _ detail: JSONValue) async throws {
        _ = try await self.database.query(
            "SELECT teller.audit_operation(\(self.operation), \(action), NULL, \(PostgresJSON(detail.text)))")
    }
}

/// Why a what-if could not begin.
public enum WhatIfError: Error, Hashable, CustomStringConvertible {
    case noSuchPlan

    public var description: String {
        switch self {
        case .noSuchPlan: "there is no replay plan with that id; teller dead plan makes one"
        }
    }
}
