/// Requests that wait for a place: the earliest deadline first, then those without one as they came.
struct AdmissionQueue: Sendable {
    private var sequences: [SequenceState] = []

    var count: Int { self.sequences.count }
    var isEmpty: Bool { self.sequences.isEmpty }

    mutating func insert(_ sequence: SequenceState) {
        // Ids grow, so that of equal deadlines the earlier request goes first.
        let index = self.sequences.partitioningIndex { sequence.precedes($0) }
        self.sequences.insert(sequence, at: index)
    }

    mutating func popFirst() -> SequenceState? { self.sequences.isEmpty ? nil : self.sequences.removeFirst() }

    mutating func remove(_ id: SequenceState.ID) -> SequenceState? {
        self.sequences.firstIndex { $0.id == id }.map { self.sequences.remove(at: $0) }
    }

    /// Takes out those that a condition holds for.
    mutating func removeAll(where condition: (SequenceState) -> Bool) -> [SequenceState] {
        guard self.sequences.contains(where: condition) else { return [] }
        let removed = self.sequences.filter(condition)
        self.sequences.removeAll(where: condition)
        return removed
    }
}

extension Array {
    /// The first index whose element, as those after it, meets the condition.
    func partitioningIndex(where condition: (Element) -> Bool) -> Int {
        var (low, high) = (self.startIndex, self.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
