internal import EventLoops

/// The settlements of one channel: written down by handlers on any thread, sent by the connection's.
final class AMQPSettlements: Sendable {
    private struct State {
        var ledger = SettlementLedger()
        var end: AMQPError?
    }

    private let state = Locked(State())
    /// Asks the connection to send what is here.
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) {
        self.wake = wake
    }

    func deliver(_ tag: UInt64) {
        self.state.withLock { $0.ledger.deliver(tag) }
    }

    /// Returns once the settlement is certain to be sent unless the connection is lost first.
    func settle(_ tag: UInt64, _ settlement: Settlement, multiple: Bool = false) throws(AMQPError) {
        let error: AMQPError? = self.state.withLock { state in
            if let end = state.end { return end }
            guard state.ledger.settle(tag, settlement, multiple: multiple) else {
                return AMQPError(.alreadySettled, "the delivery \(tag) is settled already")
            }
            return nil
        }
        if let error { throw error }
        self.wake()
    }

    func takeFrames(into frames: inout [SettlementLedger.Frame]) {
        let taken: [SettlementLedger.Frame]? = self.state.withLock { state in
            guard state.ledger.hasFrames else { return nil }
            var taken: [SettlementLedger.Frame] = []
            state.ledger.takeFrames { taken.append($0) }
            return taken
        }
        if let taken { frames.append(contentsOf: taken) }
    }

    /// From now on settling fails: the channel has ended, and the broker has put what was open back in its queue.
    func end(_ error: AMQPError) {
        self.state.withLock { state in
            if state.end == nil { state.end = error }
        }
    }
}
