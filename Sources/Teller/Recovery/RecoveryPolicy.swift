/// Decides what becomes of a request from the failure alone.
struct RecoveryPolicy: Sendable {
    enum Disposition: Equatable {
        /// Settle it with an answer of this status; no dead letter.
        case answer
        /// Keep it as a dead letter, and settle it with a `failed` answer.
        case deadLetter
        /// Send it round through a retry queue.
        case retry(RetryTier)
        /// Hold on to it and try again when the server is back.
        case hold
    }

    /// - Parameter failures: How many attempts failed before this one.
    func disposition(of failure: Failure, afterFailures failures: Int) -> Disposition {
        switch failure.failureClass {
        case .poison: .deadLetter
        case .refused, .expired: .answer
        case .infrastructure: .hold
        case .transient, .bug: RetryTier.allCases.indices.contains(failures) ? .retry(RetryTier.allCases[failures]) : .deadLetter
        }
    }
}

/// The retry queues, shortest delay first. A message's time to live there is the queue's.
enum RetryTier: String, Sendable, CaseIterable {
    case second = "1s"
    case tenSeconds = "10s"
    case minute = "60s"

    /// The name of its exchange and of its queue.
    var name: String { "teller.retry.\(self.rawValue)" }

    var seconds: Int {
        switch self {
        case .second: 1
        case .tenSeconds: 10
        case .minute: 60
        }
    }
}
