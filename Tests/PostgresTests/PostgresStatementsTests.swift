import Testing

@testable import Postgres

@Suite struct PostgresStatementsTests {
    @Test func `a text is prepared once, and used when the server has confirmed it`() {
        var statements = PostgresStatements()
        #expect(statements.use(of: "SELECT 1") == .prepare(1))
        #expect(statements.use(of: "SELECT 1") == .text)
        statements.confirm(1)
        #expect(statements.use(of: "SELECT 1") == .prepared(1))
    }

    @Test func `the same text with other types is another statement`() {
        var statements = PostgresStatements()
        #expect(statements.use(of: "SELECT \(1)") == .prepare(1))
        #expect(statements.use(of: "SELECT \(true)") == .prepare(2))
        statements.confirm(1)
        #expect(statements.use(of: "SELECT \(5)") == .prepared(1))
    }

    @Test func `a forgotten statement is prepared under a new name`() {
        var statements = PostgresStatements()
        _ = statements.use(of: "SELECT 1")
        statements.confirm(1)
        statements.forget(1)
        #expect(statements.use(of: "SELECT 1") == .prepare(2))
        statements.confirm(1)
        #expect(statements.use(of: "SELECT 1") == .text)
    }

    @Test func `texts beyond the limit are sent as they are`() {
        var statements = PostgresStatements(limit: 1)
        _ = statements.use(of: "SELECT 1")
        #expect(statements.use(of: "SELECT 2") == .text)
    }
}
