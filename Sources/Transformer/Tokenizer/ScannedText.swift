/// A text's UTF-8 bytes while they are scanned, with the class of each scalar at hand.
///
/// The bytes are a `String`'s: no scalar is cut off at the end.
struct ScannedText {
    let bytes: UnsafeBufferPointer<UInt8>
    private let pages: UnsafeBufferPointer<UInt16>
    private let classes: UnsafeBufferPointer<ScalarClass>

    init(
        bytes: UnsafeBufferPointer<UInt8>, pages: UnsafeBufferPointer<UInt16>,
        classes: UnsafeBufferPointer<ScalarClass>
    ) {
        self.bytes = bytes
        self.pages = pages
        self.classes = classes
    }

    var count: Int { self.bytes.count }

    /// The scalar that starts at a byte, and how many bytes it has.
    @inline(__always)
    func scalar(at index: Int) -> (value: UInt32, width: Int) {
        let first = UInt32(self.bytes[index])
        if first < 0x80 { return (first, 1) }
        let second = UInt32(self.bytes[index &+ 1]) & 0x3F
        if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
        let third = UInt32(self.bytes[index &+ 2]) & 0x3F
        if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
        let fourth = UInt32(self.bytes[index &+ 3]) & 0x3F
        return ((first & 0x07) << 18 | second << 12 | third << 6 | fourth, 4)
    }

    /// The class of the scalar that starts at a byte, and how many bytes it has; a text is looked at up to `end`.
    @inline(__always)
    func kind(at index: Int, before end: Int) -> (kind: ScalarClass, width: Int) {
        guard index < end else { return (.end, 0) }
        let byte = self.bytes[index]
        // The first page is the first in the table.
        if byte < 0x80 { return (self.classes[Int(byte)], 1) }
        let (value, width) = self.scalar(at: index)
        let page = Int(self.pages[Int(value >> 8)])
        return (self.classes[page << 8 | Int(value & 0xFF)], width)
    }

    /// Where the scalars of one class that start at a byte end.
    @inline(__always)
    func end(of kind: ScalarClass, from start: Int, before end: Int) -> Int {
        var index = start
        while true {
            let next = self.kind(at: index, before: end)
            guard next.kind == kind else { return index }
            index &+= next.width
        }
    }

    /// Where the scalars that are neither white space, letters nor numbers end.
    @inline(__always)
    func endOfSymbols(from start: Int, before end: Int) -> Int {
        var index = start
        while true {
            let next = self.kind(at: index, before: end)
            guard next.kind.isSymbol else { return index }
            index &+= next.width
        }
    }
}
