import Foundation
import Ledger
import TellerMessages

/// What is known of a delivery so far. It outlives a wait for a server, so that no stage need be gone through twice.
struct Progress: Sendable {
    var stage = Failure.Stage.decode
    /// Whom the request speaks for, once that is proven.
    var customer: Customer?
    /// This worker's hold on the request, once it has one.
    var attempt: Attempt?
    /// The answer, once it is made and checked.
    var answer: ChatAnswer?
    /// Why there will be no such answer, once that is certain.
    var failure: Failure?
    /// What is recorded of that, once it is.
    var recordedFailure: RecordedAnswer?
    /// How often carrying out the consequence of the failure failed itself, and not for want of a server.
    var failedSettlements = 0
    /// When the first failure of this delivery happened.
    var firstFailure: Date?
    /// Time spent, by stage.
    var timing: [(stage: Failure.Stage, duration: Duration)] = []

    /// Runs one stage of the path, and notes its name and the time it took.
    mutating func run<Result>(
        _ stage: Failure.Stage, _ body: () async throws -> Result
    ) async throws -> Result {
        self.stage = stage
        let start = ContinuousClock.now
        defer { self.timing.append((stage, start.duration(to: .now))) }
        return try await body()
    }

    /// The time spent as it stands on an answer, in whole milliseconds; a stage that ran twice counts as the sum.
    var milliseconds: [(stage: String, milliseconds: Int)] {
        var sums: [(stage: String, milliseconds: Int)] = []
        for (stage, duration) in self.timing {
            let milliseconds = Int(duration / .milliseconds(1))
            if let index = sums.firstIndex(where: { $0.stage == stage.rawValue }) {
                sums[index].milliseconds += milliseconds
            } else {
                sums.append((stage.rawValue, milliseconds))
            }
        }
        return sums + [("total", sums.reduce(0) { $0 + $1.milliseconds })]
    }
}
