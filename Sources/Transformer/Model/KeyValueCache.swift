/// The keys and values of one sequence, kept so that each token is computed once.
///
/// For each layer keys, then values, each (capacity × keyValueSize). The capacity doubles as the sequence grows.
struct KeyValueCache: ~Copyable {
    private let layerCount: Int
    private let rowSize: Int
    private let contextLength: Int
    private var storage: FloatBuffer
    private var capacity: Int
    /// Positions computed so far.
    private(set) var count = 0

    init(_ configuration: ModelConfiguration, capacity: Int = 64) {
        self.layerCount = configuration.layerCount
        self.rowSize = configuration.keyValueSize
        self.contextLength = configuration.contextLength
        self.capacity = capacity
        self.storage = FloatBuffer(count: 2 * configuration.layerCount * capacity * configuration.keyValueSize)
    }

    /// The start of a layer's keys.
    func keys(layer: Int) -> UnsafeMutablePointer<Float> {
        self.storage.start + 2 * layer * self.capacity * self.rowSize
    }

    /// The start of a layer's values.
    func values(layer: Int) -> UnsafeMutablePointer<Float> {
        self.storage.start + (2 * layer + 1) * self.capacity * self.rowSize
    }

    /// Makes room for more positions after those computed.
    mutating func reserve(_ additional: Int) {
        let needed = self.count + additional
        guard needed > self.capacity else { return }
        let capacity = max(needed, min(2 * self.capacity, self.contextLength))
        let storage = FloatBuffer(count: 2 * self.layerCount * capacity * self.rowSize)
        for block in 0..<2 * self.layerCount {
            (storage.start + block * capacity * self.rowSize).update(
                from: self.storage.start + block * self.capacity * self.rowSize, count: self.count * self.rowSize)
        }
        self.storage = storage
        self.capacity = capacity
    }

    /// Counts positions whose keys and values every layer has written.
    mutating func advance(by positions: Int) {
        self.count += positions
        assert(self.count <= self.capacity)
    }
}
