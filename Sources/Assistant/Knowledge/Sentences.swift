/// The sentences of a plain text in either language, each with its closing mark.
struct Sentences: Sendable {
    let list: [String]

    init(_ text: String) {
        var sentences: [String] = []
        var current = ""
        let characters = Array(text)
        for (index, character) in characters.enumerated() {
            current.append(character.isNewline ? " " : character)
            let next = index + 1 < characters.count ? characters[index + 1] : nil
            // A full stop inside "0.5%" or "e.g.," ends nothing: a Latin mark ends a sentence only before a space.
            let ends = "。！？".contains(character) || ".!?".contains(character) && (next.map(\.isWhitespace) ?? true)
            if ends || character.isNewline { Self.add(&current, to: &sentences) }
        }
        Self.add(&current, to: &sentences)
        self.list = sentences
    }

    private static func add(_ sentence: inout String, to sentences: inout [String]) {
        let words = sentence.split { $0.isWhitespace }
        if !words.isEmpty { sentences.append(words.joined(separator: " ")) }
        sentence = ""
    }
}
