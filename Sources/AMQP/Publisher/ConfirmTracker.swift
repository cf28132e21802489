internal import DequeModule

/// What has been published on a channel and not been confirmed, by publish sequence number.
///
/// The broker numbers the publishes of a channel from 1 once it is in confirm mode, and confirms them in any order, one by
/// one or all up to a number. Source: "Consumer Acknowledgements and Publisher Confirms" of RabbitMQ's documentation.
struct ConfirmTracker<Entry> {
    /// The number of the first slot.
    private var base: UInt64 = 1
    private var slots: Deque<Entry?> = []

    /// How many wait for their confirm.
    private(set) var count = 0

    var isEmpty: Bool { self.count == 0 }
    /// What has been outstanding the longest. (The first slot is never an empty one.)
    var first: Entry? { self.slots.first ?? nil }

    /// Adds what is published next and returns its number.
    @discardableResult
    mutating func append(_ entry: Entry) -> UInt64 {
        self.slots.append(entry)
        self.count += 1
        return self.base + UInt64(self.slots.count) - 1
    }

    /// Removes what a confirm covers and hands it out in the order of publishing. A number that is not outstanding
    /// covers nothing.
    mutating func confirm(_ tag: UInt64, multiple: Bool, _ body: (Entry) -> Void) {
        guard tag >= self.base, tag - self.base < UInt64(self.slots.count) else { return }
        let last = Int(tag - self.base)
        for index in (multiple ? 0 : last)...last {
            guard let entry = self.slots[index] else { continue }
            self.slots[index] = nil
            self.count -= 1
            body(entry)
        }
        while let first = self.slots.first, first == nil {
            self.slots.removeFirst()
            self.base += 1
        }
    }

    /// Changes the first outstanding entry that the predicate accepts; false when there is none.
    mutating func update(where predicate: (Entry) -> Bool, _ body: (inout Entry) -> Void) -> Bool {
        for index in self.slots.indices {
            guard var entry = self.slots[index], predicate(entry) else { continue }
            body(&entry)
            self.slots[index] = entry
            return true
        }
        return false
    }

    /// Changes every outstanding entry.
    mutating func updateAll(_ body: (inout Entry) -> Void) {
        for index in self.slots.indices {
            guard var entry = self.slots[index] else { continue }
            body(&entry)
            self.slots[index] = entry
        }
    }

    /// Forgets the channel and returns what was outstanding, in the order of publishing.
    mutating func reset() -> [Entry] {
        defer { self = ConfirmTracker() }
        return self.slots.compactMap { $0 }
    }
}
