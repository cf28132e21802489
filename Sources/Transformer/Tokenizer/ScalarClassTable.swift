/// The class of every scalar, in pages of 256 of which equal ones are held once.
struct ScalarClassTable: Sendable {
    static let shared = ScalarClassTable()

    private static let pageCount = 0x1100
    /// Planes 4 to 13 are unassigned, and 14 to 16 hold nothing that the patterns tell apart.
    private static let classifiedPages = 0x400

    private var pages: [UInt16] = []
    private var classes: [ScalarClass] = []

    private init() {
        var known: [[ScalarClass]: UInt16] = [:]
        for index in 0..<Self.classifiedPages {
            let page = (0..<256).map { low in
                Unicode.Scalar(UInt32(index << 8 | low)).map { ScalarClass($0) } ?? .other
            }
            let number = known[page] ?? UInt16(known.count)
            if known.updateValue(number, forKey: page) == nil { self.classes += page }
            self.pages.append(number)
        }
        let rest = Self.pageCount - Self.classifiedPages
        self.pages += Array(repeating: UInt16(known.count), count: rest)
        self.classes += Array(repeating: .other, count: 256)
    }

    /// Lends the bytes of a text, which must be UTF-8, for scanning.
    func scan<R>(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (ScannedText) -> R) -> R {
        self.pages.withUnsafeBufferPointer { pages in
            self.classes.withUnsafeBufferPointer { classes in
                body(ScannedText(bytes: bytes, pages: pages, classes: classes))
            }
        }
    }
}
