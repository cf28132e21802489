/// Cuts text into the pieces within which tokens are merged.
struct PreTokenizer: Sendable, Hashable {
    /// Applied one after the other, each to the pieces of the one before.
    let patterns: [SplitPattern]

    /// The UTF-8 bytes of each piece, in order; together they are the text.
    func pieces(of text: ClassifiedText) -> [ArraySlice<UInt8>] {
        var ranges = text.count == 0 ? [] : [0..<text.count]
        for pattern in self.patterns {
            var cut: [Range<Int>] = []
            for range in ranges {
                var start = range.lowerBound
                while start < range.upperBound {
                    let end = pattern.end(ofPieceAt: start, in: text, before: range.upperBound)
                    cut.append(start..<end)
                    start = end
                }
            }
            ranges = cut
        }
        return ranges.map(text.bytes(of:))
    }
}
