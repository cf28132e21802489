/// The regular expressions by which these families cut text before merging, scanned by hand.
///
/// A pattern matches at every position, so that cutting is asking where the piece that starts here ends.
enum SplitPattern: Sendable, Hashable {
    case gpt2
    case llama3
    case qwen2
    /// Numbers apart from the rest: each digit, or each run of them.
    case digits(individual: Bool)

    /// The patterns as `tokenizer.json` spells them.
    static let expressions: [String: SplitPattern] = [
        #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: .gpt2,
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: .gpt2,
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#:
            .llama3,
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#:
            .qwen2,
    ]

    /// Where the piece that starts at `start` ends; the text is looked at up to `end` only, as if it ended there.
    func end(ofPieceAt start: Int, in text: ClassifiedText, before end: Int) -> Int {
        let scanner = Scanner(text: text, end: end)
        switch self {
        case .gpt2: return scanner.gpt2(start)
        case .llama3: return scanner.modern(start, digits: 3)
        case .qwen2: return scanner.modern(start, digits: 1)
        case .digits(let individual): return scanner.digits(start, individual: individual)
        }
    }
}

private struct Scanner {
    let text: ClassifiedText
    let end: Int

    func gpt2(_ start: Int) -> Int {
        if let end = self.contraction(start, ignoringCase: false) { return end }
        let first = self.text.scalars[start] == " " && self.isVisible(start + 1) ? start + 1 : start
        let kind = self.text.classes[first]
        return kind.isWhitespace ? self.whitespace(start, endsAtNewline: false) : self.run(first + 1, of: kind)
    }

    func modern(_ start: Int, digits: Int) -> Int {
        if let end = self.contraction(start, ignoringCase: true) { return end }
        let kind = self.text.classes[start]
        // [^\r\n\p{L}\p{N}]?\p{L}+
        if kind == .letter { return self.run(start + 1, of: .letter) }
        if kind == .other || kind == .space, self.kind(start + 1) == .letter {
            return self.run(start + 2, of: .letter)
        }
        // \p{N}{1,digits}
        if kind == .number { return min(self.run(start + 1, of: .number), start + digits) }
        // ␠?[^\s\p{L}\p{N}]+[\r\n]*
        let first = self.text.scalars[start] == " " && self.kind(start + 1) == .other ? start + 1 : start
        if self.text.classes[first] == .other {
            return self.run(self.run(first + 1, of: .other), of: .newline)
        }
        return self.whitespace(start, endsAtNewline: true)
    }

    func digits(_ start: Int, individual: Bool) -> Int {
        guard self.text.classes[start] == .number else {
            var index = start + 1
            while let kind = self.kind(index), kind != .number { index += 1 }
            return index
        }
        return individual ? start + 1 : self.run(start + 1, of: .number)
    }

    /// `\s*[\r\n]+` where the pattern has it, then `\s+(?!\S)`, then `\s+`.
    private func whitespace(_ start: Int, endsAtNewline: Bool) -> Int {
        var index = start
        var afterNewline: Int?
        while let kind = self.kind(index), kind.isWhitespace {
            index += 1
            if kind == .newline { afterNewline = index }
        }
        if endsAtNewline, let afterNewline { return afterNewline }
        // The last space belongs to the word that follows, unless it stands alone.
        return index < self.end && index - start > 1 ? index - 1 : index
    }

    /// `'s`, `'t`, `'m`, `'d`, `'re`, `'ve`, `'ll`; without case also the long s, which folds to s.
    private func contraction(_ start: Int, ignoringCase: Bool) -> Int? {
        guard self.text.scalars[start] == "'" else { return nil }
        switch self.folded(start + 1, ignoringCase) {
        case "s", "t", "m", "d": return start + 2
        case "r" where self.folded(start + 2, ignoringCase) == "e": return start + 3
        case "v" where self.folded(start + 2, ignoringCase) == "e": return start + 3
        case "l" where self.folded(start + 2, ignoringCase) == "l": return start + 3
        default: return nil
        }
    }

    private func folded(_ index: Int, _ ignoringCase: Bool) -> Unicode.Scalar? {
        guard index < self.end else { return nil }
        let scalar = self.text.scalars[index]
        guard ignoringCase else { return scalar }
        if scalar == "\u{17F}" { return "s" }
        return ("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar
    }

    private func kind(_ index: Int) -> ScalarClass? { index < self.end ? self.text.classes[index] : nil }

    private func isVisible(_ index: Int) -> Bool { self.kind(index).map { !$0.isWhitespace } ?? false }

    private func run(_ start: Int, of kind: ScalarClass) -> Int {
        var index = start
        while self.kind(index) == kind { index += 1 }
        return index
    }
}
