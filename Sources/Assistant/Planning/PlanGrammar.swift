import TellerMessages
import Transformer

/// The plans that a model may write for one question, decided byte by byte.
///
/// It is built from the arguments that the tools declare: a tool's name, its arguments in their order, each with a word
/// that it takes or with a piece of the question (or of the previous plan's same argument). Whatever is accepted can be
/// completed, so generation never runs into a dead end, and what is complete is a plan that ``Toolbox`` validates.
struct PlanGrammar: TextConstraint {
    private let lexicon: Lexicon
    private var state = State.tool(ByteTrie.root)

    /// - Parameters:
    ///   - toolbox: The tools to choose from.
    ///   - question: The question as the model sees it.
    ///   - previous: The plan of the conversation's previous turn, whose values may be repeated.
    init(toolbox: Toolbox, question: String, previous: ToolCall? = nil) {
        self.lexicon = Lexicon(toolbox: toolbox, question: question, previous: previous)
    }

    func accepts(_ bytes: [UInt8]) -> Bool { self.state(after: bytes) != nil }

    /// Appends bytes that ``accepts(_:)`` allows; others leave the grammar where it is.
    mutating func append(_ bytes: [UInt8]) {
        if let state = self.state(after: bytes) { self.state = state }
    }

    var mayEnd: Bool {
        switch self.state {
        case .tool(let node): self.lexicon.tool(at: node).map { !self.lexicon.needsMore($0, after: -1) } ?? false
        case .separator, .name: false
        case .value(let tool, let argument, let value):
            self.lexicon.isWhole(value, of: argument, in: tool) && !self.lexicon.needsMore(tool, after: argument)
        }
    }

    var forcedByte: UInt8? {
        switch self.state {
        case .tool(let node):
            guard let tool = self.lexicon.tool(at: node), !self.lexicon.tools.continues(from: node) else {
                return self.lexicon.tools.onlyByte(from: node)
            }
            return self.lexicon.needsMore(tool, after: -1) ? UInt8(ascii: ";") : nil
        case .separator: return UInt8(ascii: " ")
        case .name(let tool, let after, let node):
            let names = self.lexicon.names(of: tool, after: after)
            let isOver = names.value(at: node) != nil && !names.continues(from: node)
            return isOver ? UInt8(ascii: "=") : names.onlyByte(from: node)
        case .value(let tool, let argument, let value):
            return self.lexicon.onlyByte(of: value, of: argument, in: tool)
        }
    }

    // MARK: - States

    private enum State: Sendable {
        /// In a tool's name.
        case tool(ByteTrie.Node)
        /// After the semicolon that follows a tool's name (`after` is -1) or an argument.
        case separator(tool: Int, after: Int)
        /// In an argument's name.
        case name(tool: Int, after: Int, ByteTrie.Node)
        /// In an argument's value.
        case value(tool: Int, argument: Int, Value)
    }

    /// How far a value got: along the fixed words, along pieces of the question, or both.
    fileprivate struct Value: Sendable {
        var word: ByteTrie.Node? = ByteTrie.root
        var spans: [QuestionSpans.Reading] = []
        var isFresh = true
    }

    private func state(after bytes: [UInt8]) -> State? {
        var state = self.state
        for byte in bytes {
            guard let next = self.step(state, byte) else { return nil }
            state = next
        }
        return state
    }

    private func step(_ state: State, _ byte: UInt8) -> State? {
        switch state {
        case .tool(let node):
            if let next = self.lexicon.tools.step(from: node, by: byte) { return .tool(next) }
            guard let tool = self.lexicon.tool(at: node) else { return nil }
            return self.separator(byte, tool: tool, after: -1)
        case .separator(let tool, let after):
            return byte == UInt8(ascii: " ") ? .name(tool: tool, after: after, ByteTrie.root) : nil
        case .name(let tool, let after, let node):
            let names = self.lexicon.names(of: tool, after: after)
            if let next = names.step(from: node, by: byte) { return .name(tool: tool, after: after, next) }
            guard byte == UInt8(ascii: "="), let argument = names.value(at: node) else { return nil }
            return .value(tool: tool, argument: argument, Value())
        case .value(let tool, let argument, let value):
            if let next = self.lexicon.step(value, by: byte, of: argument, in: tool) {
                return .value(tool: tool, argument: argument, next)
            }
            guard self.lexicon.isWhole(value, of: argument, in: tool) else { return nil }
            return self.separator(byte, tool: tool, after: argument)
        }
    }

    private func separator(_ byte: UInt8, tool: Int, after: Int) -> State? {
        guard byte == UInt8(ascii: ";"), !self.lexicon.names(of: tool, after: after).isEmpty else { return nil }
        return .separator(tool: tool, after: after)
    }
}

extension PlanGrammar {
    /// What does not change while a plan is written: the words and pieces that each argument of each tool takes.
    fileprivate struct Lexicon: Sendable {
        let tools: ByteTrie
        private let entries: [Entry]
        private let spans: QuestionSpans

        private struct Entry: Sendable {
            var arguments: [Argument]
            var words: [ByteTrie]
            /// By the number of arguments that are over: the names that may come next, with their positions.
            var names: [ByteTrie]
        }

        init(toolbox: Toolbox, question: String, previous: ToolCall?) {
            let spans = QuestionSpans(question)
            // Few distinct kinds of argument hold numbers, and each needs one look through the question.
            var numbers: [Argument.Kind: [String]] = [:]
            self.tools = ByteTrie(toolbox.tools.map(\.name))
            self.spans = spans
            self.entries = toolbox.tools.map { tool in
                let arguments = tool.arguments.filter(\.isPlannable)
                let words = arguments.map { argument in
                    var trie: ByteTrie
                    switch argument.kind {
                    case .choice(let choices): trie = ByteTrie(choices)
                    case .period: trie = Self.periods
                    case .text: trie = ByteTrie()
                    case .amount, .count:
                        let found = numbers[argument.kind] ?? QuestionSpans.numbers(in: question, for: argument)
                        numbers[argument.kind] = found
                        trie = ByteTrie(found)
                    }
                    if let value = previous?.arguments[argument.name]?.written, argument.accepts(value) {
                        trie.insert(value.utf8, value: 0)
                    }
                    return trie
                }
                let names = (0...arguments.count).map { first in
                    var trie = ByteTrie()
                    for position in first..<arguments.count {
                        let argument = arguments[position]
                        if !words[position].isEmpty || argument.kind == .text && !spans.isEmpty {
                            trie.insert(argument.name.utf8, value: position)
                        }
                        if argument.isRequired { break }
                    }
                    return trie
                }
                return Entry(arguments: arguments, words: words, names: names)
            }
        }

        private static let periods = ByteTrie(Period.words)

        func tool(at node: ByteTrie.Node) -> Int? { self.tools.value(at: node) }

        func names(of tool: Int, after argument: Int) -> ByteTrie { self.entries[tool].names[argument + 1] }

        func needsMore(_ tool: Int, after argument: Int) -> Bool {
            self.entries[tool].arguments[(argument + 1)...].contains(where: \.isRequired)
        }

        func step(_ value: Value, by byte: UInt8, of argument: Int, in tool: Int) -> Value? {
            var next = Value(word: nil, spans: [], isFresh: false)
            next.word = value.word.flatMap { self.entries[tool].words[argument].step(from: $0, by: byte) }
            if self.entries[tool].arguments[argument].kind == .text {
                next.spans =
                    value.isFresh ? self.spans.readings(startingWith: byte) : self.spans.advance(value.spans, by: byte)
            }
            return next.word == nil && next.spans.isEmpty ? nil : next
        }

        /// The byte that must come next in a value that is not whole.
        func onlyByte(of value: Value, of argument: Int, in tool: Int) -> UInt8? {
            guard let word = value.word else { return self.spans.onlyByte(after: value.spans) }
            let mayQuote = value.isFresh && self.entries[tool].arguments[argument].kind == .text
            return mayQuote || !value.spans.isEmpty ? nil : self.entries[tool].words[argument].onlyByte(from: word)
        }

        func isWhole(_ value: Value, of argument: Int, in tool: Int) -> Bool {
            value.word.map { self.entries[tool].words[argument].value(at: $0) != nil } ?? false
                || self.spans.mayEnd(value.spans)
        }
    }
}
