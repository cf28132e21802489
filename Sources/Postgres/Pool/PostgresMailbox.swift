import DequeModule
import EventLoops

/// The way from any task to the pool's thread: a queue that wakes the thread once for all that has gathered.
///
/// A call costs one lock and at most one wake-up, and no job of an actor.
final class PostgresMailbox: Sendable {
    enum Message: Sendable {
        case work(PostgresWork)
        /// The caller's task is cancelled.
        case cancel(UInt64)
        /// The lease's holder is done. An unusable connection is closed.
        case release(UInt64, isUsable: Bool)
        /// Take no more work; when urgent, fail what is under way.
        case stop(urgently: Bool)
    }

    private struct State {
        var messages: Deque<Message> = []
        var nextID: UInt64 = 0
        var isWakeUpDue = true
        var isClosed = false
        var wakeUp: (@Sendable () -> Void)?
    }

    private let state = Locked(State())

    /// A number for a piece of work or a lease.
    func makeID() -> UInt64 {
        self.state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    /// False when the mailbox is closed, and the message is not taken.
    @discardableResult
    func post(_ message: Message) -> Bool {
        let (isTaken, wakeUp) = self.state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            guard !state.isClosed else { return (false, nil) }
            state.messages.append(message)
            guard state.isWakeUpDue, let wakeUp = state.wakeUp else { return (true, nil) }
            state.isWakeUpDue = false
            return (true, wakeUp)
        }
        wakeUp?()
        return isTaken
    }

    /// Names what to call when there are messages; it is called at once if there are some.
    func open(wakeUp: @escaping @Sendable () -> Void) {
        let mustWakeUp = self.state.withLock { state in
            state.wakeUp = wakeUp
            defer { if !state.messages.isEmpty { state.isWakeUpDue = false } }
            return !state.messages.isEmpty
        }
        if mustWakeUp { wakeUp() }
    }

    /// All messages; the next one wakes again.
    func takeAll() -> Deque<Message> {
        self.state.withLock { state in
            state.isWakeUpDue = true
            var messages: Deque<Message> = []
            swap(&messages, &state.messages)
            return messages
        }
    }

    /// Refuses messages from now on, and returns those that nobody has taken.
    func close() -> Deque<Message> {
        self.state.withLock { state in
            state.isClosed = true
            state.wakeUp = nil
            var messages: Deque<Message> = []
            swap(&messages, &state.messages)
            return messages
        }
    }
}
