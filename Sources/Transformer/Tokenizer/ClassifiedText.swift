/// A text's scalars with their classes, and where each lies in its UTF-8 bytes.
struct ClassifiedText {
    let bytes: [UInt8]
    let scalars: [Unicode.Scalar]
    let classes: [ScalarClass]
    /// One more than there are scalars.
    private let offsets: [Int]

    var count: Int { self.scalars.count }

    init(_ text: some StringProtocol) {
        self.bytes = Array(text.utf8)
        let scalars = Array(text.unicodeScalars)
        self.offsets = scalars.reduce(into: [0]) { offsets, scalar in
            offsets.append((offsets.last ?? 0) + UTF8.width(scalar))
        }
        self.scalars = scalars
        self.classes = scalars.map(ScalarClass.init)
    }

    /// The bytes of a range of scalars.
    func bytes(of range: Range<Int>) -> ArraySlice<UInt8> {
        self.bytes[self.offsets[range.lowerBound]..<self.offsets[range.upperBound]]
    }
}
