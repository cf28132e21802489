import AMQP
import Postgres
import Testing

@testable import Teller
@testable import TellerMessages

@Suite struct RecoveryPolicyTests {
    private let policy = RecoveryPolicy()

    private func failure(_ failureClass: FailureClass) -> Failure {
        Failure(failureClass, .plan, cause: "x", problem: Problem("x", title: "x", status: 500, failureClass: failureClass.rawValue))
    }

    @Test(arguments: [
        (FailureClass.poison, 0, RecoveryPolicy.Disposition.deadLetter), (.poison, 2, .deadLetter), (.refused, 0, .answer), (.expired, 3, .answer),
        (.infrastructure, 0, .hold), (.infrastructure, 99, .hold), (.transient, 0, .retry(.second)), (.transient, 1, .retry(.tenSeconds)),
        (.transient, 2, .retry(.minute)), (.transient, 3, .deadLetter), (.bug, 0, .retry(.second)), (.bug, 3, .deadLetter),
    ])
    func `the class of a failure and the failures before it decide`(
        _ failureClass: FailureClass, _ failures: Int, _ expected: RecoveryPolicy.Disposition
    ) {
        #expect(self.policy.disposition(of: self.failure(failureClass), afterFailures: failures) == expected)
    }

    @Test(arguments: [
        ("08006", FailureClass.infrastructure), ("53300", .infrastructure), ("57P01", .infrastructure), ("25006", .infrastructure),
        ("40001", .transient), ("40P01", .transient), ("55P03", .transient), ("57014", .transient), ("22P02", .poison), ("23514", .poison),
        ("42P01", .poison), ("54001", .poison), ("28000", .bug), ("42501", .bug), ("XX000", .bug),
    ])
    func `a SQLSTATE has the class of the design`(_ state: String, _ expected: FailureClass) {
        let error = PostgresError(code: .server, sqlState: state, message: "")
        #expect(Failure(of: error, in: .record).failureClass == expected)
    }

    @Test func `an error that nobody foresaw is a bug, and a malformed message is poison`() {
        struct Surprise: Error {}
        #expect(Failure(of: Surprise(), in: .check).failureClass == .bug)
        #expect(Failure(of: MalformedMessage(.json, "the body", "must be JSON"), in: .decode).failureClass == .poison)
        #expect(Failure(of: AuthenticationError(.expired), in: .authenticate).failureClass == .refused)
        #expect(Failure(of: AMQPError(.connectionLost, ""), in: .publish).failureClass == .infrastructure)
    }

    @Test func `failures of one cause and place share a fingerprint, others do not`() {
        let one = Failure(of: PostgresError(code: .server, sqlState: "40001", message: "a"), in: .record)
        let other = Failure(of: PostgresError(code: .server, sqlState: "40001", message: "b"), in: .record)
        #expect(one.fingerprint == other.fingerprint)
        #expect(one.fingerprint != Failure(of: PostgresError(code: .server, sqlState: "40001", message: "a"), in: .claim).fingerprint)
        #expect(one.fingerprint.count == 16)
    }
}
