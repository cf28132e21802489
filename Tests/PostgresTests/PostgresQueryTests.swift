import Foundation
import Postgres
import Testing

@Suite struct PostgresQueryTests {
    @Test func `an interpolated value becomes a parameter`() {
        let query: PostgresQuery = "SELECT \(1) WHERE name = \("Ada") AND id = \(UUID?.none)"
        #expect(query.sql == "SELECT $1 WHERE name = $2 AND id = $3")
    }

    @Test func `a string can close no quote`() {
        let hostile = "'; DROP TABLE accounts; --"
        let query: PostgresQuery = "SELECT * FROM accounts WHERE name = \(hostile)"
        #expect(query.sql == "SELECT * FROM accounts WHERE name = $1")
    }

    @Test func `text is spliced only where it says so`() {
        let direction = "DESC"
        let query: PostgresQuery = "SELECT 1 ORDER BY 1 \(unescaped: direction)"
        #expect(query.sql == "SELECT 1 ORDER BY 1 DESC")
    }

    @Test(arguments: [("accounts", "\"accounts\""), ("a\"b", "\"a\"\"b\""), ("\"", "\"\"\"\""), ("ü x", "\"ü x\"")])
    func `an identifier is one name whatever it contains`(name: String, quoted: String) {
        let query: PostgresQuery = "SELECT * FROM \(identifier: name)"
        #expect(query.sql == "SELECT * FROM \(quoted)")
    }

    @Test func `a query inside another keeps its values`() {
        let filter: PostgresQuery = "amount > \(10) AND note = '$1ä' AND kind = \("x")"
        let query: PostgresQuery = "SELECT \(true) WHERE \(filter) LIMIT \(5)"
        #expect(query.sql == "SELECT $1 WHERE amount > $2 AND note = '$1ä' AND kind = $3 LIMIT $4")
        let twice: PostgresQuery = "\(query) OFFSET \(1)"
        #expect(twice.sql == "SELECT $1 WHERE amount > $2 AND note = '$1ä' AND kind = $3 LIMIT $4 OFFSET $5")
    }

    @Test func `neither a description nor a dump shows a bound value`() {
        let query: PostgresQuery = "SELECT \("secret-value")"
        var dumped = ""
        dump(query, to: &dumped)
        #expect(!"\(query) \(String(reflecting: query)) \(dumped)".contains("secret-value"))
    }
}
