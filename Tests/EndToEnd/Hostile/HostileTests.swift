import AMQP
import Foundation
import Testing

/// One worker among hostile clients: whatever they send has one outcome, of the right kind, and harms nobody.
@Suite(.serialized, .hostileStage) struct HostileTests {
    /// What the cases are about.
    enum Subject: String, CaseIterable, CustomTestStringConvertible {
        case framing, text, numbers, shapes, sizes, plans, properties, replies, headers, tokens, words

        var testDescription: String { self.rawValue }

        func cases(_ observer: HostileObserver) -> [HostileCase] {
            switch self {
            case .framing: HostileFraming.cases
            case .text: HostileText.cases
            case .numbers: HostileNumbers.cases
            case .shapes: HostileShapes.cases
            case .sizes: HostileSizes.cases
            case .plans: HostilePlans.cases
            case .properties: HostileProperties.cases
            case .replies: HostileReplies.cases(observer)
            case .headers: HostileHeaders.cases(observer)
            case .tokens: HostileTokens.cases
            case .words: HostileWords.cases
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Subject.allCases)
    func `each message has one outcome, and the next good request is answered`(_ subject: Subject) async throws {
        let stage = try #require(HostileStage.current)
        let cases = subject.cases(stage.observer)
        let complaints = try await stage.complaints(about: cases)
        #expect(complaints.isEmpty, "\(complaints.count) of \(cases.count):\n\(complaints.joined(separator: "\n"))")
        #expect(try await stage.world.messages(in: stage.observer.victimQueue) == 0)
    }
}
