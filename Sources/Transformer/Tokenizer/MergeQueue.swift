/// The pairs waiting to be merged, lowest rank first, then leftmost: a binary heap.
struct MergeQueue {
    /// Rank in the upper half, index in the lower.
    private var heap: [UInt64] = []

    mutating func insert(rank: UInt32, index: Int) {
        self.heap.append(UInt64(rank) << 32 | UInt64(index))
        var child = self.heap.count - 1
        while child > 0, self.heap[child] < self.heap[(child - 1) / 2] {
            self.heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func popFirst() -> (rank: UInt32, index: Int)? {
        guard let first = self.heap.first, let last = self.heap.popLast() else { return nil }
        if !self.heap.isEmpty {
            self.heap[0] = last
            self.siftDown()
        }
        return (UInt32(first >> 32), Int(first & 0xFFFF_FFFF))
    }

    private mutating func siftDown() {
        var parent = 0
        while 2 * parent + 1 < self.heap.count {
            var child = 2 * parent + 1
            if child + 1 < self.heap.count, self.heap[child + 1] < self.heap[child] { child += 1 }
            guard self.heap[child] < self.heap[parent] else { return }
            self.heap.swapAt(child, parent)
            parent = child
        }
    }
}
