/// Finds the first of a few byte strings in a text that comes byte by byte (Knuth, Morris and Pratt, 1977).
struct StopStringMatcher: Sendable {
    private struct Pattern: Sendable {
        let bytes: [UInt8]
        /// By the number of bytes that matched: how many of them still match when the next one does not.
        let fallbacks: [Int]
        var matched = 0

        init(_ bytes: [UInt8]) {
            var fallbacks = [0, 0]
            var length = 0
            for byte in bytes.dropFirst() {
                while length > 0, bytes[length] != byte { length = fallbacks[length] }
                if bytes[length] == byte { length += 1 }
                fallbacks.append(length)
            }
            self.bytes = bytes
            self.fallbacks = fallbacks
        }

        mutating func step(_ byte: UInt8) {
            if self.matched == self.bytes.count { self.matched = self.fallbacks[self.matched] }
            while self.matched > 0, self.bytes[self.matched] != byte { self.matched = self.fallbacks[self.matched] }
            if self.bytes[self.matched] == byte { self.matched += 1 }
        }
    }

    private var patterns: [Pattern]

    /// - Parameter strings: None of them empty.
    init(_ strings: [String]) { self.patterns = strings.map { Pattern(Array($0.utf8)) } }

    /// Takes the next byte, and tells the length of the longest string that ends with it.
    mutating func step(_ byte: UInt8) -> Int? {
        for index in self.patterns.indices { self.patterns[index].step(byte) }
        return self.patterns.filter { $0.matched == $0.bytes.count }.map(\.bytes.count).max()
    }

    /// How many of the last bytes could be the beginning of a string.
    var heldBack: Int { self.patterns.map(\.matched).max() ?? 0 }
}
