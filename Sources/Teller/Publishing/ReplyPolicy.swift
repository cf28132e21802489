/// Decides where an answer may go. A requester names a queue; only queues on the list get answers.
struct ReplyPolicy: Sendable {
    /// The exchange that takes every answer without a usable `reply_to`.
    static let fallbackExchange = "teller.answers"

    let patterns: [String]

    /// Whether answers may be sent to the queue. The broker's own names (`amq.…`) are never allowed: publishing to a stale
    /// direct reply-to name closes the worker's connection.
    func allows(_ queue: String) -> Bool {
        guard !queue.hasPrefix("amq."), (1...255).contains(queue.utf8.count),
            queue.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return false }
        return self.patterns.contains { Self.matches(Array(queue.utf8)[...], Array($0.utf8)[...]) }
    }

    /// Matches `*` with any number of characters. Goes back to the last star only, so that it takes at most the product of the
    /// lengths.
    private static func matches(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        var text = text
        var pattern = pattern
        var afterStar: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
        while !text.isEmpty {
            if pattern.first == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                afterStar = (pattern, text)
            } else if let expected = pattern.first, expected == text.first {
                pattern = pattern.dropFirst()
                text = text.dropFirst()
            } else if let (starPattern, starText) = afterStar {
                text = starText.dropFirst()
                pattern = starPattern
                afterStar = (pattern, text)
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
