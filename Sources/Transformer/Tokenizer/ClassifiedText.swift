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
        var offset = 0
        self.offsets = [0] + scalars.map { scalar in
            offset += UTF8.width(scalar)
            return offset
        }
        self.scalars = scalars
        self.classes = scalars.map(ScalarClass.init)
    }

    /// The bytes of a range of scalars.
    func bytes(of range: Range<Int>) -> ArraySlice<UInt8> {
        self.bytes[self.offsets[range.lowerBound]..<self.offsets[range.upperBound]]
    }
}
