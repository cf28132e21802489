internal import DequeModule

/// What is to be done with a delivery.
enum Settlement: Sendable, Hashable {
    case acknowledge
    case reject(requeue: Bool)
}

/// The deliveries of one channel that are not settled yet, and the settlements to be written next.
///
/// Many settlements become one frame where that is safe: when every earlier delivery of the channel is settled the same
/// way too, `multiple` covers nothing that a handler still works on.
struct SettlementLedger {
    /// One frame to write.
    struct Frame: Sendable, Hashable {
        let tag: UInt64
        let settlement: Settlement
        let multiple: Bool
    }

    private enum Slot: Equatable {
        case open
        case settled(Settlement)
        case written
    }

    /// The tag of the first slot; tags count up by one on a channel.
    private var base: UInt64 = 1
    private var slots: Deque<Slot> = []
    /// Settled tags that no frame has been made for, in the order in which they were settled.
    private var fresh: [UInt64] = []

    /// How many deliveries wait for their settlement.
    private(set) var openCount = 0

    var hasFrames: Bool { !self.fresh.isEmpty }

    /// Takes note of a delivery.
    mutating func deliver(_ tag: UInt64) {
        if self.slots.isEmpty { self.base = tag }
        guard tag >= self.base + UInt64(self.slots.count) else { return }
        while self.base + UInt64(self.slots.count) < tag { self.slots.append(.written) }
        self.slots.append(.open)
        self.openCount += 1
    }

    /// Settles a delivery, and with `multiple` every open one before it.
    ///
    /// - Returns: False when the delivery is settled already or was never made.
    mutating func settle(_ tag: UInt64, _ settlement: Settlement, multiple: Bool = false) -> Bool {
        guard tag >= self.base, tag - self.base < UInt64(self.slots.count) else { return false }
        let last = Int(tag - self.base)
        guard self.slots[last] == .open else { return false }
        for index in (multiple ? 0 : last)...last where self.slots[index] == .open {
            self.slots[index] = .settled(settlement)
            self.fresh.append(self.base + UInt64(index))
            self.openCount -= 1
        }
        return true
    }

    /// Hands out the frames for what was settled since the last time.
    mutating func takeFrames(_ body: (Frame) -> Void) {
        guard !self.fresh.isEmpty else { return }
        defer { self.fresh.removeAll(keepingCapacity: true) }

        // The front: runs of one kind with nothing open before them.
        var run: (tag: UInt64, settlement: Settlement, count: Int)?
        func end(_ run: (tag: UInt64, settlement: Settlement, count: Int)?) {
            if let run { body(Frame(tag: run.tag, settlement: run.settlement, multiple: run.count > 1)) }
        }
        while let slot = self.slots.first, slot != .open {
            if case .settled(let settlement) = slot {
                if let current = run, current.settlement == settlement {
                    run = (self.base, settlement, current.count + 1)
                } else {
                    end(run)
                    run = (self.base, settlement, 1)
                }
            }
            self.slots.removeFirst()
            self.base += 1
        }
        end(run)

        // The rest: behind something open, so one by one.
        for tag in self.fresh where tag >= self.base {
            let index = Int(tag - self.base)
            guard case .settled(let settlement) = self.slots[index] else { continue }
            self.slots[index] = .written
            body(Frame(tag: tag, settlement: settlement, multiple: false))
        }
    }
}
