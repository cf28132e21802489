internal import CKernels

/// A page's number among all of a pool.
struct Page: Hashable, Sendable {
    fileprivate let index: Int
}

/// The keys and values of all sequences, in pages of ``pageSize`` positions of every layer.
///
/// A page may belong to several sequences once all its positions are computed; from then on nobody writes to it.
struct KeyValuePages: ~Copyable {
    static let pageSize = Int(kernels_page_positions)

    let format: KeyValueFormat
    /// The most pages at a time.
    let limit: Int
    /// Pages that somebody refers to.
    private(set) var used = 0

    private let pageSizeInBytes: Int
    /// By page; memory that was once needed is kept for the next who needs it.
    private var starts: [UnsafeMutableRawPointer] = []
    private var referenceCounts: [Int] = []
    private var free: [Page] = []

    init(_ configuration: ModelConfiguration, format: KeyValueFormat = .f32, limit: Int) {
        self.format = format
        self.limit = limit
        self.pageSizeInBytes = Self.bytesPerPage(configuration, format)
    }

    deinit {
        for start in self.starts { start.deallocate() }
    }

    /// Bytes of one page.
    static func bytesPerPage(_ configuration: ModelConfiguration, _ format: KeyValueFormat = .f32) -> Int {
        configuration.layerCount * Self.layerLength(configuration) * format.size
    }

    /// Pages that hold so many positions.
    static func count(forPositions positions: Int) -> Int { (positions + Self.pageSize - 1) / Self.pageSize }

    /// Numbers of one layer in a page.
    static func layerLength(_ configuration: ModelConfiguration) -> Int {
        kernels_page_layer_size(Int32(configuration.keyValueHeadCount), Int32(configuration.headDimension))
    }

    /// A page with one reference; nil when the limit is reached.
    mutating func allocate() -> Page? {
        guard self.used < self.limit else { return nil }
        self.used += 1
        if let page = self.free.popLast() {
            self.referenceCounts[page.index] = 1
            return page
        }
        let start = UnsafeMutableRawPointer.allocate(byteCount: self.pageSizeInBytes, alignment: 64)
        // Zeros, so that the positions not yet written are numbers.
        start.initializeMemory(as: UInt8.self, repeating: 0, count: self.pageSizeInBytes)
        self.starts.append(start)
        self.referenceCounts.append(1)
        return Page(index: self.starts.count - 1)
    }

    /// Adds a reference.
    mutating func retain(_ page: Page) {
        precondition(self.referenceCounts[page.index] > 0, "a page that nobody refers to")
        self.referenceCounts[page.index] += 1
    }

    /// Takes a reference back; the last one frees the page.
    mutating func release(_ page: Page) {
        precondition(self.referenceCounts[page.index] > 0, "a page that nobody refers to")
        self.referenceCounts[page.index] -= 1
        guard self.referenceCounts[page.index] == 0 else { return }
        self.used -= 1
        self.free.append(page)
    }

    /// How many refer to the page.
    func references(to page: Page) -> Int { self.referenceCounts[page.index] }

    /// Where the page's numbers lie; valid while the pool lives.
    func start(of page: Page) -> UnsafeMutableRawPointer { self.starts[page.index] }
}
