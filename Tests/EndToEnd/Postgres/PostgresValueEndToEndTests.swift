import Foundation
import Postgres
import Testing

@Suite(.timeLimit(.minutes(1))) struct PostgresValueEndToEndTests {
    private func expectRoundTrip<Value: PostgresEncodable & PostgresDecodable & Equatable>(
        _ values: [Value], as type: String, on client: PostgresClient
    ) async throws {
        for value in values {
            let rows = try await client.query("SELECT \(value)::\(unescaped: type) AS value")
            #expect(try rows[0].decode("value", as: Value.self) == value, "\(type)")
        }
        let none = try await client.query("SELECT \(Value?.none)::\(unescaped: type) AS value")
        #expect(try none[0].decode("value", as: Value?.self) == nil)
    }

    private func expectArrayRoundTrip<Value: PostgresEncodable & PostgresDecodable & PostgresArrayElement & Equatable>(
        _ values: [Value], as type: String, on client: PostgresClient
    ) async throws {
        try await self.expectRoundTrip(values, as: type, on: client)
        let array: [Value?] = values + [nil]
        let rows = try await client.query(
            "SELECT \(array)::\(unescaped: type)[] AS value, \([Value]())::\(unescaped: type)[] AS empty")
        #expect(try rows[0].decode("value", as: [Value?].self) == array)
        #expect(try rows[0].decode("empty", as: [Value].self).isEmpty)
    }

    @Test func `every type comes back as it was sent, and so do its arrays and NULL`() async throws {
        let day = try #require(PostgresDay(year: 2026, month: 2, day: 28))
        let old = try #require(PostgresDay(year: -43, month: 3, day: 15))
        let decimals = try ["0", "-0.01", "99999999999999999999999999999999999999", "1234567890.123456789"].map {
            try #require(Decimal(string: $0))
        }
        try await PostgresTestServer.withClient(of: PostgresConfiguration(url: PostgresTestServer.url)) { client in
            try await self.expectArrayRoundTrip(
                ["", "a'b\"c\\d", "{NULL,\"x\"}", "🙂\u{7f}\n", "$1"], as: "text", on: client)
            try await self.expectArrayRoundTrip([Int16.min, 0, .max], as: "smallint", on: client)
            try await self.expectArrayRoundTrip([Int32.min, 0, .max], as: "integer", on: client)
            try await self.expectArrayRoundTrip([Int64.min, 0, .max], as: "bigint", on: client)
            try await self.expectArrayRoundTrip([Int.min, 0, .max], as: "bigint", on: client)
            try await self.expectArrayRoundTrip([true, false], as: "boolean", on: client)
            try await self.expectArrayRoundTrip(
                [0.1, -.pi, .infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude], as: "float8", on: client)
            try await self.expectArrayRoundTrip(decimals, as: "numeric", on: client)
            try await self.expectArrayRoundTrip(
                [Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 1_795_575_845.123456), .distantPast],
                as: "timestamptz", on: client)
            try await self.expectArrayRoundTrip([day, old], as: "date", on: client)
            try await self.expectArrayRoundTrip([UUID(), UUID()], as: "uuid", on: client)
            try await self.expectArrayRoundTrip(
                [PostgresJSON("[1, \"a\\\"b\"]"), PostgresJSON("null")], as: "jsonb", on: client)
            try await self.expectRoundTrip([[UInt8](0...255), []], as: "bytea", on: client)
            let arrays: [[UInt8]] = [[0, 1], [255]]
            #expect(try await client.value("SELECT \(arrays)") == arrays)
        }
    }

    @Test func `an enum of the database is bound and read as a string`() async throws {
        try await PostgresTestServer.withSchema { client, _ in
            try await client.query("CREATE TYPE category AS ENUM ('groceries', 'dining')")
            try await client.query("CREATE TABLE spent (category category NOT NULL)")
            try await client.query("INSERT INTO spent SELECT unnest(\(["dining", "groceries"])::category[])")
            try await client.query("INSERT INTO spent VALUES (\("dining"))")
            #expect(try await client.value("SELECT count(*) FROM spent WHERE category = \("dining")") == 2)
            #expect(
                try await client.value("SELECT array_agg(category ORDER BY category) FROM spent") == [
                    "groceries", "dining", "dining",
                ])
        }
    }

    @Test func `an injected string stays a bound value`() async throws {
        try await PostgresTestServer.withSchema { client, _ in
            try await client.query("CREATE TABLE notes (body text)")
            let hostile = "x'); DROP TABLE notes; --"
            try await client.query("INSERT INTO notes VALUES (\(hostile))")
            #expect(try await client.value("SELECT body FROM notes WHERE body = \(hostile)") == hostile)
            #expect(try await client.value("SELECT count(*) FROM notes WHERE body = \("' OR '1'='1")") == 0)
        }
    }

    @Test func `a NUL is refused before the wire`() async throws {
        try await PostgresTestServer.withClient(of: PostgresConfiguration(url: PostgresTestServer.url)) { client in
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT \(1), \("a\0b")") }
            #expect(error?.code == .encoding)
            #expect(
                error?.message
                    == "the value bound to $2 contains a NUL character, which PostgreSQL cannot store in text")
            #expect(error?.kind == .message)
        }
    }

    @Test func `an error carries no value`() async throws {
        let secret = "4111-1111-1111-1111"
        try await PostgresTestServer.withSchema { client, _ in
            try await client.query("CREATE TABLE cards (number text PRIMARY KEY, digits integer, CHECK (digits < 20))")
            try await client.query("INSERT INTO cards VALUES (\(secret), 16)")
            let statements: [PostgresQuery] = [
                "INSERT INTO cards VALUES (\(secret), 16)", "SELECT \(secret)::integer",
                "SELECT \(secret)::timestamptz",
                "INSERT INTO cards VALUES (\(secret + "x"), 21)", "SELECT \("{" + secret)::jsonb",
                "SELECT \(secret)::regclass",
                "SELECT set_config(\(secret), '1', true)", "SELECT \(secret)::regnamespace", "SELECT \(secret)::uuid",
            ]
            for statement in statements {
                let error = await #expect(throws: PostgresError.self) { try await client.query(statement) }
                #expect(error?.kind == .message, "\(statement.sql)")
                #expect(error.map { "\($0) \(String(reflecting: $0))" }?.contains(secret) == false, "\(statement.sql)")
            }
            let missing = await #expect(throws: PostgresError.self) {
                try await client.query("SELECT * FROM no_such_table")
            }
            #expect(missing?.message == #"relation "no_such_table" does not exist"#)
            let error = await #expect(throws: PostgresError.self) {
                try await client.query("INSERT INTO cards VALUES (\(secret), 16)")
            }
            #expect(error?.constraint == "cards_pkey")
        }
    }

    @Test func `a large value goes both ways`() async throws {
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await PostgresTestServer.withClient(of: PostgresConfiguration(url: PostgresTestServer.url)) { client in
            let returned: [UInt8] = try await client.value("SELECT \(bytes)")
            #expect(returned == bytes)
        }
    }
}
