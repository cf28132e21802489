/// A set of byte strings, each with a value, read one byte at a time.
struct ByteWords: Sendable {
    /// What was read so far: the words that begin with it, and its length.
    struct Position: Sendable, Hashable {
        var words: Range<Int>
        var length = 0
    }

    /// Sorted, so that those with one beginning lie together, and the one that is over comes first.
    private let words: [(bytes: [UInt8], value: Int)]

    init(_ words: [(bytes: [UInt8], value: Int)]) {
        self.words = words.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    var isEmpty: Bool { self.words.isEmpty }
    var start: Position { Position(words: self.words.indices) }

    func step(_ position: Position, _ byte: UInt8) -> Position? {
        let next = position.words.filter { index in
            let bytes = self.words[index].bytes
            return bytes.count > position.length && bytes[position.length] == byte
        }
        guard let first = next.first, let last = next.last else { return nil }
        return Position(words: first..<last + 1, length: position.length + 1)
    }

    /// The value of the word that ends here.
    func value(at position: Position) -> Int? {
        guard let first = position.words.first, self.words[first].bytes.count == position.length else { return nil }
        return self.words[first].value
    }

    /// Whether a word goes on from here.
    func continues(from position: Position) -> Bool {
        position.words.last.map { self.words[$0].bytes.count > position.length } ?? false
    }

    /// The byte that comes next in every word.
    func onlyByte(at position: Position) -> UInt8? {
        guard self.value(at: position) == nil, let first = position.words.first, let last = position.words.last,
            self.words[first].bytes[position.length] == self.words[last].bytes[position.length]
        else { return nil }
        return self.words[first].bytes[position.length]
    }
}
