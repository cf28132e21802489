internal import DequeModule

/// Every publish that somebody waits for, from the call to its confirm, across channels and connections.
///
/// The rules, in one place and without I/O:
///
/// - What was sent and not confirmed when a connection is lost is sent again, the same message, before anything newer.
/// - When the broker closes the channel or the connection over something it was sent, it does not say over which message.
///   All that was in flight is then *suspect* and sent again one at a time with nothing beside it; the one that is alone in
///   flight when the broker closes again is at fault and fails, and its neighbours are saved.
/// - A returned message (basic.return) is matched to an identical outstanding one: same exchange, routing key, message id
///   and body. Returns carry no number. The broker sends a message's return before its confirm, so it is outstanding
///   when the return comes; and of identical messages it does not matter which one is said to have been returned.
struct PublishLedger<Waiter> {
    struct Entry {
        let id: UInt64
        let publication: AMQPPublication
        let deadline: ContinuousClock.Instant
        /// `nil` once the caller has been told: it gave up, but the number on the channel is still to be confirmed.
        var waiter: Waiter?
        var sent: ContinuousClock.Instant?
        var isSuspect = false
        var returned: AMQPError?
    }

    /// Whom to tell what; no error means that the message is safe.
    typealias Settled = [(waiter: Waiter, error: AMQPError?)]

    private var backlog: Deque<Entry> = []
    private var inFlight = ConfirmTracker<Entry>()
    private var isSuspectInFlight = false

    private(set) var confirmedCount: UInt64 = 0

    var isEmpty: Bool { self.backlog.isEmpty && self.inFlight.isEmpty }
    var count: Int { self.backlog.count + self.inFlight.count }
    /// When what has been in flight the longest was sent.
    var oldestSent: ContinuousClock.Instant? { self.inFlight.first?.sent }

    mutating func add(_ publication: AMQPPublication, id: UInt64, deadline: ContinuousClock.Instant, waiter: Waiter) {
        self.backlog.append(Entry(id: id, publication: publication, deadline: deadline, waiter: waiter))
    }

    /// Moves what is to be sent next into flight; `nil` when there is nothing or a suspect must be alone.
    mutating func next(at now: ContinuousClock.Instant = .now) -> AMQPPublication? {
        guard var first = self.backlog.first, !self.isSuspectInFlight else { return nil }
        if first.isSuspect {
            guard self.inFlight.isEmpty else { return nil }
            self.isSuspectInFlight = true
        }
        self.backlog.removeFirst()
        first.sent = now
        self.inFlight.append(first)
        return first.publication
    }

    /// Takes a basic.ack or basic.nack.
    mutating func confirm(_ tag: UInt64, multiple: Bool, isAccepted: Bool, into settled: inout Settled) {
        var confirmed: UInt64 = 0
        self.inFlight.confirm(tag, multiple: multiple) { entry in
            if isAccepted { confirmed += 1 }
            guard let waiter = entry.waiter else { return }
            let error = isAccepted ? entry.returned : Self.nacked
            settled.append((waiter, error))
        }
        self.confirmedCount += confirmed
        if self.inFlight.isEmpty { self.isSuspectInFlight = false }
    }

    /// Takes a basic.return; false when nothing outstanding can be meant.
    mutating func giveBack(
        code: UInt16, text: String, exchange: String, routingKey: String, message: AMQPMessage
    ) -> Bool {
        let error = AMQPError(
            .unroutable, "the broker returned the message: \(text); bind a queue to the exchange \(exchange)",
            replyCode: code)
        return self.inFlight.update { entry in
            entry.returned == nil && entry.publication.isMandatory && entry.publication.exchange == exchange
                && entry.publication.routingKey == routingKey
                && entry.publication.message.properties.messageID == message.properties.messageID
                && entry.publication.message.body == message.body
        } _: { entry in
            entry.returned = error
        }
    }

    /// Takes the end of the channel: everything in flight goes back to the head of the backlog.
    mutating func lose(_ error: AMQPError, into settled: inout Settled) {
        let isAccusation = Self.isAccusation(error)
        let wasAlone = self.isSuspectInFlight
        self.isSuspectInFlight = false
        for var entry in self.inFlight.reset().reversed() {
            guard let waiter = entry.waiter else { continue }
            if isAccusation, wasAlone {
                let verdict = AMQPError(error.code, error.message, replyCode: error.replyCode, isTransient: false)
                settled.append((waiter, verdict))
                continue
            }
            entry.isSuspect = entry.isSuspect || isAccusation
            entry.returned = nil
            self.backlog.prepend(entry)
        }
    }

    /// Tells those whose time is up.
    ///
    /// - Parameter reason: Why the backlog is not being sent, if it is not.
    mutating func expire(at now: ContinuousClock.Instant, reason: AMQPError?, into settled: inout Settled) {
        self.backlog.removeAll { entry in
            guard entry.deadline <= now else { return false }
            if let waiter = entry.waiter { settled.append((waiter, reason ?? Self.timedOut)) }
            return true
        }
        self.inFlight.updateAll { entry in
            guard entry.deadline <= now, let waiter = entry.waiter else { return }
            settled.append((waiter, Self.timedOut))
            entry.waiter = nil
        }
    }

    /// Lets a caller go.
    mutating func cancel(id: UInt64) -> Waiter? {
        if let index = self.backlog.firstIndex(where: { $0.id == id }) {
            return self.backlog.remove(at: index).waiter
        }
        var waiter: Waiter?
        _ = self.inFlight.update {
            $0.id == id
        } _: { entry in
            waiter = entry.waiter
            entry.waiter = nil
        }
        return waiter
    }

    /// Fails everything.
    mutating func close(_ error: AMQPError, into settled: inout Settled) {
        for entry in self.inFlight.reset() + self.backlog {
            if let waiter = entry.waiter { settled.append((waiter, error)) }
        }
        self.backlog.removeAll()
        self.isSuspectInFlight = false
    }

    /// Whether the broker closed because of something it was sent, rather than of its own or an operator's accord.
    private static func isAccusation(_ error: AMQPError) -> Bool {
        switch error.code {
        case .channelClosed: true
        case .connectionClosed: error.replyCode != 320
        default: false
        }
    }

    private static var nacked: AMQPError {
        AMQPError(.nacked, "the broker refused the message: its queue is full or unavailable")
    }

    private static var timedOut: AMQPError {
        AMQPError(.timeout, "the broker did not confirm the message in time; it may have arrived")
    }
}
