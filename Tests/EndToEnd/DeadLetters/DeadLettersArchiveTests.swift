import AMQP
import DeadLetters
import Foundation
import Postgres
import TellerMessages
import Testing

/// What operators see of dead letters, and do with them.
struct DeadLettersArchiveTests {
    @Test(.timeLimit(.minutes(2))) func `pages of a listing hold each dead letter once, the latest first, while others arrive`() async throws {
        try await DeadLettersDatabase.with { database in
            let start = Date(timeIntervalSince1970: 1_790_000_000)
            var ids: [UUID] = []
            // Several at one instant: the id then decides.
            for number in 0..<23 { ids.append(try await database.bury(at: start + Double(number / 4))) }
            var pages: [[DeadLetterRecord]] = []
            var cursor: DeadLetterCursor?
            repeat {
                let page = try await database.archive.list(DeadLetterSelection(), after: cursor, limit: 5)
                pages.append(page)
                cursor = page.last.flatMap { DeadLetterCursor("\($0.cursor)") }
                if pages.count == 2 { try await database.bury(at: start + 100) }
            } while pages.last?.count == 5
            let listed = pages.flatMap(\.self)
            #expect(listed.count == 23 && Set(listed.map(\.id)) == Set(ids))
            #expect(zip(listed, listed.dropFirst()).allSatisfy { $0.lastFailedAt >= $1.lastFailedAt })
        }
    }

    @Test(.timeLimit(.minutes(2))) func `each condition of a selection selects, and groups and statistics count what it selects`() async throws {
        try await DeadLettersDatabase.with { database in
            let old = Date(timeIntervalSince1970: 1_790_000_000)
            let headers: AMQPTable = ["tenant": "north", "release": .int32(7), "urgent": true]
            let message = AMQPMessage(
                properties: AMQPProperties(headers: headers, priority: 5),
                body: Array(#"{"conversation_id":"c-1","channel":"app","question":"my secret words"}"#.utf8))
            let wanted = try await database.bury(
                message, queue: "teller.requests.trading", request: "r-1", customer: "C-1", failureClass: "bug",
                fingerprint: "00000000000000bb", at: old)
            for _ in 0..<3 { try await database.bury() }

            func select(_ change: (inout DeadLetterSelection) -> Void) async throws -> [UUID] {
                var selection = DeadLetterSelection()
                change(&selection)
                return try await database.archive.list(selection).map(\.id)
            }
            #expect(try await select { $0.failureClass = "bug" } == [wanted])
            #expect(try await select { $0.fingerprint = "00000000000000bb" } == [wanted])
            #expect(try await select { $0.queue = "teller.requests.trading" } == [wanted])
            #expect(try await select { $0.customerID = "C-1" } == [wanted])
            #expect(try await select { $0.conversationID = "c-1" } == [wanted])
            #expect(try await select { $0.requestID = "r-1" } == [wanted])
            #expect(try await select { $0.until = old + 1 } == [wanted])
            #expect(try await select { $0.since = old + 1 }.count == 3)
            for (name, value) in [("tenant", "north"), ("release", "7"), ("urgent", "true")] {
                #expect(try await select { $0.headers = [.init(name: name, value: value)] } == [wanted])
            }
            #expect(try await select { $0.headers = [.init(name: "tenant", value: "south")] }.isEmpty)
            #expect(try await select { $0.paths[.problem] = #"$.class == "bug""# } == [wanted])
            #expect(try await select { $0.paths[.properties] = "$.priority > 4" } == [wanted])
            #expect(try await select { $0.paths[.body] = #"$.channel == "app""# } == [wanted])
            #expect(try await select { $0.paths[.body] = #"exists($.question)"# }.isEmpty)
            #expect(try await select { $0.states = [.discarded] }.isEmpty)

            let groups = try await database.archive.groups(DeadLetterSelection())
            #expect(groups.map(\.count) == [3, 1] && groups.map(\.open) == [3, 1])
            #expect(groups.last?.example == wanted && groups.last?.queues == ["teller.requests.trading"])
            let statistics = try await database.archive.statistics(DeadLetterSelection())
            #expect(statistics.count == 4 && statistics.byClass == ["poison": 3, "bug": 1] && statistics.lastHour == 3)
        }
    }

    @Test(.timeLimit(.minutes(2))) func `an operator reads neither bodies nor tokens, and what is handed out leaves an entry`() async throws {
        try await DeadLettersDatabase.with { database in
            let message = AMQPMessage(
                properties: AMQPProperties(headers: ["authorization": "Bearer token-of-ann", "Authorization": .int8(1)]),
                body: Array(#"{"conversation_id":"c","question":"secret words"}"#.utf8))
            let id = try await database.bury(message)
            for column in ["body", "withheld"] {
                let state = await ledgerSQLState {
                    _ = try await database.operators.query("SELECT \(identifier: column) FROM teller.failures")
                }
                #expect(state == "42501")
            }
            let shown = try await database.archive.show(id.uuidString).map(\.json.text).joined()
            #expect(shown.contains("authorization") && !shown.contains("token-of-ann") && !shown.contains("secret"))
            #expect(try await database.take(id).message.bits == message.bits)
            let entry = try #require(try await database.chain.list(failure: id).first)
            #expect(entry.action == "replay" && entry.actor.hasSuffix("(ann@desk)"))
        }
    }

    @Test(.timeLimit(.minutes(2))) func `discarding takes open dead letters out of sight for a reason, deletes nothing, and is in the audit chain`() async throws {
        try await DeadLettersDatabase.with { database in
            let body = Array("kept".utf8)
            var ids: [UUID] = []
            for _ in 0..<3 { ids.append(try await database.bury(AMQPMessage(body: body), failureClass: "bug")) }
            let other = try await database.bury()
            var selection = DeadLetterSelection()
            selection.failureClass = "bug"
            let first = try await database.archive.discard(selection, reason: "known fault 17")
            #expect(first.count == 3)
            #expect(try await database.archive.discard(selection, reason: "again").count == 0)
            #expect(try await database.archive.list(DeadLetterSelection()).map(\.id) == [other])
            selection.states = [.discarded]
            let discarded = try await database.archive.list(selection)
            #expect(Set(discarded.map(\.id)) == Set(ids) && discarded.allSatisfy { $0.discardReason == "known fault 17" })
            #expect(try await database.take(ids[0]).message.body == body)
            let entries = try await database.chain.list(operation: first.operation)
            #expect(entries.count == 5 && Set(entries.map(\.failure)) == Set(ids.map { $0.uuidString.lowercased() } + [""]))
            await #expect(throws: (any Error).self) { _ = try await database.archive.discard(DeadLetterSelection(), reason: " ") }
            // Failing again, it is open again.
            try await database.ledger.worker.query(
                """
                SELECT teller.bury(\(ids[0]), NULL, NULL, 'bug', '00000000000000cc', '{}', 2, now(), 'q', 'e', 'k', '{}', 'kept'::bytea)
                """)
            #expect(try await database.archive.show(ids[0].uuidString).first?.state == .open)
        }
    }
}
