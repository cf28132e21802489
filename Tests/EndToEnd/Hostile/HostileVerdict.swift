import AMQP
import TellerMessages

/// Compares what came of one message with what should have.
struct HostileVerdict {
    private static let traceHeaders: Set<String> = ["traceparent", "tracestate"]
    /// What a clean copy may carry over from the client.
    private static let keptHeaders: Set<String> = ["authorization", "deadline", "traceparent", "tracestate"]

    private let traces: HostileObserver.Traces
    private let answers: [ChatAnswer]

    init(_ traces: HostileObserver.Traces) {
        self.traces = traces
        self.answers = traces.answers.compactMap { try? ChatAnswer(decoding: $0.body) }
    }

    /// Whether there is an answer, and a dead letter where the answer says that there is one.
    var isComplete: Bool {
        guard let answer = self.answers.first else { return false }
        return answer.status != .failed || !self.traces.letters.isEmpty
    }

    /// What is not as it should be.
    func faults(_ hostile: HostileCase, _ draft: HostileDraft) -> [String] {
        guard let answer = self.answers.first else { return ["no answer, \(self.traces.letters.count) dead letters"] }
        var faults: [String] = []
        if answer.status.rawValue != hostile.outcome.rawValue {
            faults.append("\(answer.status) instead of \(hostile.outcome): \(answer.problem?.detail ?? answer.text)")
        }
        if self.traces.answers.count != 1 { faults.append("\(self.traces.answers.count) answers") }
        let letters = answer.status == .failed ? 1 : 0
        if self.traces.letters.count != letters { faults.append("\(self.traces.letters.count) dead letters instead of \(letters)") }
        if self.traces.letters.contains(where: { $0.body != draft.bytes }) { faults.append("the dead letter's body is another") }
        if answer.status != .answered, !answer.facts.isEmpty { faults.append("facts without an answer") }
        if answer.status == .failed, answer.problem?.failureClass != "poison" {
            faults.append("its class is \(answer.problem?.failureClass ?? "missing")")
        }
        return faults + self.leaks(draft)
    }

    /// What of a hostile message, or of another customer, stands where it must not.
    private func leaks(_ draft: HostileDraft) -> [String] {
        var leaks: [String] = []
        for answer in self.traces.answers {
            let text = String(decoding: answer.body, as: UTF8.self)
            if text.contains(HostileDraft.canary) { leaks.append("the answer repeats the customer's words") }
            if text.contains("A-1002") { leaks.append("the answer names another customer's rows") }
            leaks += Self.foreign(answer.properties) { $0.hasPrefix("cloudEvents_") || Self.traceHeaders.contains($0) }
        }
        for letter in self.traces.letters {
            leaks += Self.foreign(letter.properties) { $0.hasPrefix("teller-") || Self.keptHeaders.contains($0) }
        }
        return leaks
    }

    /// What is on a message of ours that only a client can have put there.
    private static func foreign(_ properties: AMQPProperties, _ isOurs: (String) -> Bool) -> [String] {
        var foreign = (properties.headers?.entries ?? []).map(\.name).filter { !isOurs($0) }.map { "the header \($0)" }
        if properties.expiration != nil { foreign.append("an expiration") }
        if properties.userID != nil { foreign.append("a user_id") }
        if properties.deliveryMode != 2 { foreign.append("not persistent") }
        return foreign.map { "a message of ours carries \($0)" }
    }
}
