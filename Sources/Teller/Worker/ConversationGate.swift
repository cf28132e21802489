import EventLoops

/// Lets the requests of one conversation through one at a time, in the order in which they entered.
final class ConversationGate: Sendable {
    struct Key: Hashable, Sendable {
        let customerID: String
        let conversationID: String
    }

    /// A place in a conversation's line.
    struct Place: Sendable {
        fileprivate let key: Key
        fileprivate let number: UInt64
    }

    private struct Line {
        /// In order; the first one may run.
        var places: [UInt64] = []
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private struct State {
        var lines: [Key: Line] = [:]
        var next: UInt64 = 0
    }

    private let state = Locked(State())

    /// Takes the next place in the line. Whoever takes one must ``leave(_:)``.
    func enter(_ key: Key) -> Place {
        self.state.withLock { state in
            state.next += 1
            state.lines[key, default: Line()].places.append(state.next)
            return Place(key: key, number: state.next)
        }
    }

    /// Returns when every earlier place has been left.
    func wait(at place: Place) async {
        await withCheckedContinuation { continuation in
            let isFirst = self.state.withLock { state in
                guard state.lines[place.key]?.places.first != place.number else { return true }
                state.lines[place.key]?.waiting[place.number] = continuation
                return false
            }
            if isFirst { continuation.resume() }
        }
    }

    func leave(_ place: Place) {
        let next = self.state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard var line = state.lines[place.key] else { return nil }
            line.places.removeAll { $0 == place.number }
            let next = line.places.first.flatMap { line.waiting.removeValue(forKey: $0) }
            state.lines[place.key] = line.places.isEmpty ? nil : line
            return next
        }
        next?.resume()
    }
}
