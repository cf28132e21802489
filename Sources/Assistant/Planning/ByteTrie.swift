/// A set of byte strings, walked one byte at a time.
struct ByteTrie: Sendable {
    /// A place in the trie: what was read so far.
    typealias Node = Int
    static let root: Node = 0

    private var children: [[UInt8: Node]] = [[:]]
    private var values: [Int?] = [nil]

    init() {}

    /// A trie of these words, each with its position among them as its value; of equal words the first counts.
    init(_ words: some Sequence<String>) {
        for (position, word) in words.enumerated() { self.insert(word.utf8, value: position) }
    }

    var isEmpty: Bool { self.children[Self.root].isEmpty }

    mutating func insert(_ bytes: some Sequence<UInt8>, value: Int) {
        var node = Self.root
        for byte in bytes {
            if let next = self.children[node][byte] {
                node = next
            } else {
                self.children.append([:])
                self.values.append(nil)
                self.children[node][byte] = self.children.count - 1
                node = self.children.count - 1
            }
        }
        if self.values[node] == nil { self.values[node] = value }
    }

    /// Where one more byte leads, or `nil` where no word goes on with it.
    func step(from node: Node, by byte: UInt8) -> Node? { self.children[node][byte] }

    /// The value of the word that ends here, if one does.
    func value(at node: Node) -> Int? { self.values[node] }

    /// The byte that comes next in every word that goes on from here; nil where a word ends too.
    func onlyByte(from node: Node) -> UInt8? {
        self.values[node] == nil && self.children[node].count == 1 ? self.children[node].first?.key : nil
    }

    /// Whether some word goes on from here.
    func continues(from node: Node) -> Bool { !self.children[node].isEmpty }
}
