/// What of a text was taken out and what was put in, word by word; a Han character is a word.
public struct WordDifference: Sendable, Hashable {
    public let removed: [String]
    public let added: [String]

    public init(from old: String, to new: String) {
        let difference = Self.words(new).difference(from: Self.words(old))
        self.removed = difference.removals.map(\.word)
        self.added = difference.insertions.map(\.word)
    }

    public var isEmpty: Bool { self.removed.isEmpty && self.added.isEmpty }

    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var isOpen = false
        for character in text {
            let isHan = character.unicodeScalars.first.map { (0x3400...0x9FFF).contains($0.value) || $0.value >= 0x20000 } ?? false
            if character.isWhitespace {
                isOpen = false
            } else if isOpen, !isHan {
                words[words.count - 1].append(character)
            } else {
                words.append(String(character))
                isOpen = !isHan
            }
        }
        return words
    }
}

extension CollectionDifference<String>.Change {
    fileprivate var word: String {
        switch self {
        case .insert(_, let word, _), .remove(_, let word, _): word
        }
    }
}
