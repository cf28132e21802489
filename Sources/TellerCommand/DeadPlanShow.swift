import ArgumentParser
import DeadLetters
import Foundation
import TellerMessages

/// `teller dead plan show`
struct DeadPlanShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a plan: what would happen to its messages, and what has.")

    @Argument(help: "The plan's id.")
    var plan: UUID

    @Flag(help: "List the messages too.")
    var items = false

    @Option(help: "With --items: only after this position, to page on.")
    var after = 0

    @Option(help: "With --items: at most this many.")
    var limit = 100

    @OptionGroup var options: CommandOptions

    func validate() throws {
        guard (1...10_000).contains(self.limit) else { throw ValidationError("--limit takes 1 to 10000") }
    }

    func run() async throws {
        try await self.options.withOperator { database in
            let store = ReplayStore(database: database)
            try await Self.show(
                try await store.plan(self.plan), in: store, items: self.items, after: self.after, limit: self.limit, self.options)
        }
    }

    static func show(
        _ plan: ReplayPlan, in store: ReplayStore, items: Bool, after position: Int, limit: Int, _ options: CommandOptions
    ) async throws {
        let preview = try await store.preview(of: plan.id)
        let messages = items ? try await store.items(of: plan.id, after: position, limit: limit) : nil
        var document = plan.json.object ?? JSONObject()
        for member in preview.json.object?.members ?? [] { document[member.name] = member.value }
        document["items"] = messages.map { .array($0.map(\.json)) }
        options.show(.object(document)) {
            var page = plan.page(preview)
            if let messages {
                page += "\n\n" + messages.map(\.line).joined(separator: "\n")
                if messages.count == limit, let last = messages.last { page += "\n(more: --after \(last.position))" }
            }
            return page
        }
    }
}

/// `teller dead plan list`
struct DeadPlanList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List plans, the newest first.")

    @Option(help: "At most this many.")
    var limit = 20

    @OptionGroup var options: CommandOptions

    func run() async throws {
        try await self.options.withOperator { database in
            let plans = try await ReplayStore(database: database).plans(limit: self.limit)
            self.options.show(.array(plans.map(\.json))) {
                plans.isEmpty ? "No plans." : plans.map(\.line).joined(separator: "\n")
            }
        }
    }
}

extension ReplayPlan {
    fileprivate var line: String {
        "\(self.createdAt.rfc3339)  \(self.id.uuidString.lowercased())  \(self.state.rawValue)  \(self.total) messages  \(self.reason)"
    }

    /// The plan for a person to read: what it is, then what would happen to how many messages.
    func page(_ preview: ReplayPreview) -> String {
        var lines = ["Plan \(self.id.uuidString.lowercased()), \(self.state.rawValue)" + (self.stopReason.map { ": \($0)" } ?? "")]
        lines.append("Made \(self.createdAt.rfc3339) by \(self.createdBy): \(self.reason)")
        var count = "\(self.total) of \(self.selected) dead letters that fit"
        if let oldest = preview.oldest, let newest = preview.newest {
            count += ", given up between \(Self.age(oldest)) and \(Self.age(newest)) ago"
        }
        lines.append(count)
        for (name, meaning) in ReplayPreview.outlooks {
            if let messages = preview.outlook[name] { lines.append("  \(messages) \(meaning)") }
        }
        if self.selected > self.total { lines.append("  \(self.selected - self.total) left out: in another plan, or done with") }
        let sending = self.options
        lines.append(
            "At most \(sending.rate.formatted()) messages/s, \(sending.inFlight) in flight; steps of "
                + (sending.canary.isEmpty ? "none" : sending.canary.map(String.init).joined(separator: ", ")))
        if self.state != .draft {
            let states = ["pending", "sending", "sent", "settled", "failed", "skipped"].compactMap { state in
                preview.states[state].map { "\($0) \(state)" }
            }
            lines.append(states.joined(separator: ", "))
        }
        return lines.joined(separator: "\n")
    }

    private static func age(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: "\(Int(seconds)) s"
        case ..<7200: "\(Int(seconds / 60)) min"
        case ..<172_800: "\(Int(seconds / 3600)) h"
        default: "\(Int(seconds / 86_400)) days"
        }
    }
}

extension ReplayItem {
    fileprivate var line: String {
        let edit = self.edit.map { "edit \($0)" } ?? "original"
        return "\(self.position)  \(self.failureID.uuidString.lowercased())  \(self.outlook)  \(self.state)  \(self.outcome ?? "-")  \(edit)  \(self.requestID ?? "-")"
    }
}
