import Foundation
import Ledger
import Schemas
import Testing

/// The ledger on a real server.
///
/// What only reads, or must fail to write, shares one database.
@Suite(.serialized, .timeLimit(.minutes(5)), .sharedLedgerDatabase) struct LedgerOnServer {}

/// Makes a database before a suite's first test and drops it after the last: customers A, B and the demonstration's.
struct SharedLedgerDatabase: SuiteTrait, TestScoping {
    @TaskLocal static var current: LedgerDatabase?

    /// 2026-11-25T12:00:00Z, where the demonstration ends.
    static let anchor = Date(timeIntervalSince1970: 1_795_608_000)

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withLedgerDatabase { database in
            try await database.addTwoCustomers()
            try await DemoLedger(anchor: Self.anchor).load(into: database.owner, articles: Schemas.articles)
            try await Self.$current.withValue(database) { try await function() }
        }
    }
}

extension Trait where Self == SharedLedgerDatabase {
    static var sharedLedgerDatabase: Self { Self() }
}

extension LedgerDatabase {
    /// The database of the suite.
    static var shared: LedgerDatabase {
        get throws { try #require(SharedLedgerDatabase.current) }
    }
}
