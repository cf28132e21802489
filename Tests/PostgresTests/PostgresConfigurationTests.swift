import Testing

@testable import Postgres

@Suite struct PostgresConfigurationTests {
    @Test(arguments: [
        "", "localhost", "mysql://localhost/teller", "host=localhost dbname=teller", "postgres://h/db?nosuchkey=1",
        "postgres://user:pa%ss-word@h/db", "postgres://user:half@pa%25ss@h/db", "postgres://[::1/db",
    ])
    func `a URL that cannot be used is refused without showing it`(url: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(url: url) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("pa%ss") == false)
    }

    @Test func `a description shows no password`() throws {
        let configuration = try PostgresConfiguration(url: "postgres://teller:geheim@db1:5432,db2:5433/bank")
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect("\(configuration)" == "postgres://teller@db1:5432,db2:5433/bank")
        #expect(!"\(configuration) \(String(reflecting: configuration)) \(dumped)".contains("geheim"))
    }

    @Test func `each host is an attempt with its own port`() throws {
        let configuration = try PostgresConfiguration(
            url: "postgres://db1:5432,db2:5433/bank?target_session_attrs=read-write")
        #expect(configuration.attempts.map(\.description) == ["db1:5432", "db2:5433"])
        #expect(configuration.attempts.allSatisfy { $0.parameters["target_session_attrs"] == "read-write" })
    }

    @Test func `one port serves every host`() throws {
        let configuration = try PostgresConfiguration(url: "postgres:///bank?host=db1,db2&port=6000")
        #expect(configuration.attempts.map(\.description) == ["db1:6000", "db2:6000"])
    }

    @Test func `a preferred standby is looked for on every host before anything else is taken`() throws {
        let configuration = try PostgresConfiguration(
            url: "postgres://db1,db2/bank?target_session_attrs=prefer-standby")
        #expect(
            configuration.attempts.map { $0.parameters["target_session_attrs"] } == [
                "standby", "standby", "any", "any",
            ])
    }

    @Test func `no time limit is off by default, and the limits nest`() throws {
        let configuration = try PostgresConfiguration(url: "postgres://db1/bank")
        #expect(configuration.lockTimeout < configuration.statementTimeout)
        #expect(configuration.statementTimeout < configuration.queryDeadline)
        let options = try #require(configuration.attempts.first?.parameters["options"])
        #expect(options.contains("-c statement_timeout=5000"))
        #expect(options.contains("-c lock_timeout=2000"))
        #expect(options.contains("-c idle_in_transaction_session_timeout=10000"))
    }

    @Test func `a time limit below a millisecond does not turn it off`() throws {
        var configuration = try PostgresConfiguration(url: "postgres://db1/bank")
        configuration.statementTimeout = .microseconds(1)
        #expect(configuration.attempts.first?.parameters["options"]?.contains("-c statement_timeout=1 ") == true)
    }

    @Test func `a session that can change nothing is one from its first transaction on`() throws {
        var configuration = try PostgresConfiguration(url: "postgres://db1/bank")
        #expect(configuration.attempts.first?.parameters["options"]?.contains("read_only") == false)
        configuration.isReadOnly = true
        #expect(configuration.attempts.first?.parameters["options"]?.contains("-c default_transaction_read_only=on") == true)
    }

    @Test func `the URL's own settings are kept`() throws {
        let configuration = try PostgresConfiguration(
            url:
                "postgres://db1/bank?keepalives_idle=60&options=-c%20search_path%3Dledger&sslmode=verify-full&sslrootcert=/ca.pem"
        )
        let parameters = try #require(configuration.attempts.first?.parameters)
        #expect(parameters["keepalives_idle"] == "60")
        #expect(parameters["tcp_user_timeout"] == "10000")
        #expect(parameters["sslmode"] == "verify-full")
        #expect(parameters["sslrootcert"] == "/ca.pem")
        #expect(parameters["options"]?.hasPrefix("-c search_path=ledger ") == true)
    }
}
