/// The regular expressions by which these families cut text before merging, scanned by hand.
///
/// A pattern matches at every position, so that cutting is asking where the piece that starts here ends.
enum SplitPattern: Sendable, Hashable {
    case gpt2
    case llama3
    case qwen2
    /// Numbers apart from the rest: each digit, or each run of them.
    case digits(individual: Bool)
    /// Runs of punctuation and of `$+<=>^~|` apart from the rest.
    case punctuation
    /// Three digits from 0 to 9 at a time apart from the rest.
    case decimalTriples

    /// The patterns as `tokenizer.json` spells them.
    static let expressions: [String: SplitPattern] = [
        #"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: .gpt2,
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#: .gpt2,
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#:
            .llama3,
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#:
            .qwen2,
    ]

    /// Where the piece that starts at a byte ends; the text is looked at up to `end` only, as if it ended there.
    @inline(__always)
    func end(ofPieceAt start: Int, in text: ScannedText, before end: Int) -> Int {
        let scanner = Scanner(text: text, end: end)
        switch self {
        case .gpt2: return scanner.gpt2(start)
        case .llama3: return scanner.modern(start, digits: 3)
        case .qwen2: return scanner.modern(start, digits: 1)
        case .digits(let individual): return scanner.digits(start, individual: individual)
        case .punctuation: return scanner.punctuation(start)
        case .decimalTriples: return scanner.decimalTriples(start)
        }
    }
}

private struct Scanner {
    private static let space = UInt8(ascii: " ")

    let text: ScannedText
    let end: Int

    func gpt2(_ start: Int) -> Int {
        if let end = self.contraction(start, ignoringCase: false) { return end }
        var first = start
        var (kind, width) = self.kind(start)
        if self.text.bytes[start] == Self.space {
            let next = self.kind(start &+ 1)
            if !next.kind.isWhitespace, next.kind != .end {
                first = start &+ 1
                (kind, width) = next
            }
        }
        if kind.isWhitespace { return self.whitespace(start, endsAtNewline: false) }
        return kind.isSymbol
            ? self.text.endOfSymbols(from: first &+ width, before: self.end) : self.run(first &+ width, of: kind)
    }

    func modern(_ start: Int, digits: Int) -> Int {
        if let end = self.contraction(start, ignoringCase: true) { return end }
        let (kind, width) = self.kind(start)
        // [^\r\n\p{L}\p{N}]?\p{L}+
        if kind == .letter { return self.run(start &+ width, of: .letter) }
        if kind == .number { return self.numbers(start, atMost: digits) }
        let next = self.kind(start &+ width)
        if kind != .newline, next.kind == .letter { return self.run(start &+ width &+ next.width, of: .letter) }
        // ␠?[^\s\p{L}\p{N}]+[\r\n]*
        if kind.isSymbol || (self.text.bytes[start] == Self.space && next.kind.isSymbol) {
            return self.run(self.text.endOfSymbols(from: start &+ width, before: self.end), of: .newline)
        }
        return self.whitespace(start, endsAtNewline: true)
    }

    func digits(_ start: Int, individual: Bool) -> Int {
        let (kind, width) = self.kind(start)
        if kind == .number { return individual ? start &+ width : self.run(start &+ width, of: .number) }
        var index = start
        while true {
            let next = self.kind(index)
            guard next.kind != .number, next.kind != .end else { return index }
            index &+= next.width
        }
    }

    func punctuation(_ start: Int) -> Int {
        let isPunctuation = self.isPunctuation(start)
        var index = start
        while index < self.end, self.isPunctuation(index) == isPunctuation { index &+= self.kind(index).width }
        return index
    }

    private func isPunctuation(_ index: Int) -> Bool {
        self.kind(index).kind == .punctuation || "$+<=>^~|".utf8.contains(self.text.bytes[index])
    }

    func decimalTriples(_ start: Int) -> Int {
        if self.isTriple(start) { return start + 3 }
        var index = start + 1
        while index < self.end, !self.isTriple(index) { index += 1 }
        return index
    }

    private func isTriple(_ index: Int) -> Bool {
        index + 3 <= self.end
            && self.text.bytes[index..<index + 3].allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// The end of `\p{N}{1,limit}`.
    private func numbers(_ start: Int, atMost limit: Int) -> Int {
        var index = start
        for _ in 0..<limit {
            let next = self.kind(index)
            guard next.kind == .number else { break }
            index &+= next.width
        }
        return index
    }

    /// `\s*[\r\n]+` where the pattern has it, then `\s+(?!\S)`, then `\s+`.
    private func whitespace(_ start: Int, endsAtNewline: Bool) -> Int {
        var (index, last) = (start, start)
        var afterNewline: Int?
        while true {
            let next = self.kind(index)
            guard next.kind.isWhitespace else { break }
            last = index
            index &+= next.width
            if next.kind == .newline { afterNewline = index }
        }
        if endsAtNewline, let afterNewline { return afterNewline }
        // The last space belongs to the word that follows, unless it stands alone.
        return index < self.end && last > start ? last : index
    }

    /// `'s`, `'t`, `'m`, `'d`, `'re`, `'ve`, `'ll`; without case also the long s, which folds to s.
    private func contraction(_ start: Int, ignoringCase: Bool) -> Int? {
        guard self.text.bytes[start] == UInt8(ascii: "'") else { return nil }
        switch (self.folded(start + 1, ignoringCase), self.folded(start + 2, ignoringCase)) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
            return start + 2
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        // U+017F in UTF-8
        case (0xC5, 0xBF) where ignoringCase: return start + 3
        default: return nil
        }
    }

    /// A byte of the text, small where it is a capital and case does not count; 0 at the end.
    private func folded(_ index: Int, _ ignoringCase: Bool) -> UInt8 {
        guard index < self.end else { return 0 }
        let byte = self.text.bytes[index]
        return ignoringCase && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    @inline(__always)
    private func kind(_ index: Int) -> (kind: ScalarClass, width: Int) { self.text.kind(at: index, before: self.end) }

    @inline(__always)
    private func run(_ start: Int, of kind: ScalarClass) -> Int {
        self.text.end(of: kind, from: start, before: self.end)
    }
}
