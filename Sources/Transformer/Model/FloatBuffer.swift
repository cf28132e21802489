/// Floats that a thread computes in, zero at first.
struct FloatBuffer: ~Copyable {
    let start: UnsafeMutablePointer<Float>
    let count: Int

    init(count: Int) {
        self.count = count
        self.start = .allocate(capacity: count)
        self.start.initialize(repeating: 0, count: count)
    }

    deinit { self.start.deallocate() }
}
