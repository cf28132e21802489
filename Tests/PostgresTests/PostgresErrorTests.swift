import Testing

@testable import Postgres

@Suite struct PostgresErrorTests {
    @Test(
        arguments: [
            ("08000", .infrastructure), ("08006", .infrastructure), ("53100", .infrastructure),
            ("53300", .infrastructure),
            ("57P01", .infrastructure), ("57P02", .infrastructure), ("57P03", .infrastructure),
            ("58030", .infrastructure),
            ("25006", .infrastructure), ("40001", .conflict), ("40P01", .conflict), ("55P03", .timeout),
            ("57014", .timeout),
            ("25P03", .timeout), ("22P02", .message), ("22003", .message), ("22P05", .message), ("23505", .message),
            ("23503", .message), ("42601", .message), ("42P01", .message), ("54001", .message), ("P0001", .message),
            ("0A000", .message), ("28P01", .denied), ("28000", .denied), ("42501", .denied), ("XX000", .unknown),
            ("99999", .unknown), ("", .unknown),
        ] as [(String, PostgresError.Kind)])
    func `a SQLSTATE has one verdict`(sqlState: String, kind: PostgresError.Kind) {
        let error = PostgresError(code: .server, sqlState: sqlState, message: "")
        #expect(error.kind == kind)
        #expect(error.isTransient == [.infrastructure, .conflict, .timeout].contains(kind))
    }

    @Test(
        arguments: [
            (.connectionLost, .infrastructure, true), (.unavailable, .infrastructure, true),
            (.connectionFailed, .infrastructure, true),
            (.closed, .infrastructure, true), (.commitAmbiguous, .infrastructure, false), (.deadline, .timeout, true),
            (.stalePlan, .conflict, true), (.decoding, .message, false), (.encoding, .message, false),
        ] as [(PostgresError.Code, PostgresError.Kind, Bool)])
    func `a code has one verdict`(code: PostgresError.Code, kind: PostgresError.Kind, isTransient: Bool) {
        let error = PostgresError(code: code, message: "")
        #expect(error.kind == kind)
        #expect(error.isTransient == isTransient)
    }

    @Test func `a refused login is denied and not infrastructure`() {
        #expect(PostgresError(code: .connectionFailed, sqlState: "28P01", message: "").kind == .denied)
        #expect(PostgresError(code: .connectionFailed, sqlState: "57P03", message: "").kind == .infrastructure)
    }

    @Test(arguments: [
        ("22P02", #"invalid input syntax for type integer: "4111 1111""#),
        ("22003", #"value "4111 1111" is out of range"#),
        ("22007", #"invalid input syntax for type date: "4111 1111""#), ("23505", "4111 1111"), ("23514", "4111 1111"),
        ("42601", #"syntax error at or near "4111 1111""#), ("P0001", "no customer 4111 1111"), ("28000", "4111 1111"),
        ("XX000", "unexpected 4111 1111"), ("54000", "4111 1111"), ("21000", "4111 1111"), ("ZZ123", "4111 1111"),
        ("44000", "4111 1111"), ("38001", "4111 1111"), ("F0000", "4111 1111"), ("72000", "4111 1111"),
    ])
    func `a message that could quote a value is replaced`(sqlState: String, primary: String) {
        let error = PostgresError(.init(sqlState: sqlState, primary: primary, table: "cards", constraint: "cards_pkey"))
        #expect(!error.description.contains("4111"))
        #expect(error.message.contains("table cards"))
        #expect(error.constraint == "cards_pkey")
        #expect(error.sqlState == sqlState)
    }

    @Test(arguments: [
        ("42P01", #"relation "ledger.account" does not exist"#, true),
        ("42501", "permission denied for table accounts", false),
        ("40P01", "deadlock detected", false), ("57014", "canceling statement due to statement timeout", false),
        ("42P07", #"relation "requests" already exists"#, false),
    ])
    func `a message about the statement's text or about circumstances is kept`(
        state: String, primary: String, hasPosition: Bool
    ) {
        #expect(PostgresError(.init(sqlState: state, primary: primary, hasPosition: hasPosition)).message == primary)
    }

    @Test(arguments: [
        ("42P01", #"relation "4111 1111" does not exist"#, #"relation "…" does not exist"#),
        ("42704", #"unrecognized configuration parameter "4111 1111""#, #"unrecognized configuration parameter "…""#),
        ("3F000", #"schema "4111" does not exist in "4111""#, #"schema "…" does not exist in "…""#),
        ("58P01", #"could not open file "4111"#, #"could not open file "…"#),
    ])
    func `a name that was a value is left out`(state: String, primary: String, message: String) {
        #expect(PostgresError(.init(sqlState: state, primary: primary)).message == message)
    }
}
