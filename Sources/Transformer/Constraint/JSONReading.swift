/// One way to understand the beginning of a document: what is open, the innermost last.
struct JSONReading: Sendable, Hashable {
    private enum Frame: Sendable, Hashable {
        /// A value is to come; behind a colon or comma a space may come first.
        case value(rule: Int, after: Separator?)
        case words(rule: Int, ByteWords.Position)
        case string(rule: Int, JSONStringState)
        case number(rule: Int, JSONNumberState)
        /// So many items have begun; the last of them is over when the frame is the innermost.
        case array(rule: Int, count: Int)
        case object(rule: Int, ObjectPlace)
    }

    /// Where an object stands when it is the innermost; `next` counts the members that are over or left out.
    private enum ObjectPlace: Sendable, Hashable {
        case opened
        case name(next: Int, ByteWords.Position)
        case named(member: Int)
        case member(next: Int)
        case comma(next: Int)
        case space(next: Int)
    }

    private enum Separator: Sendable, Hashable { case colon, comma }

    private var stack: [Frame]
    /// Whether a space follows each colon, and each comma; nil until the first.
    private var isColonSpaced: Bool?
    private var isCommaSpaced: Bool?

    init(root: Int) { self.stack = [.value(rule: root, after: nil)] }

    /// The readings that a byte leaves.
    func step(_ byte: UInt8, _ rules: [JSONRule]) -> [Self] {
        var reading = self
        while let frame = reading.stack.popLast() {
            switch frame {
            case .value(let rule, let separator):
                guard let separator else { return reading.begin(rule, byte, rules) }
                let isSpace = byte == UInt8(ascii: " ")
                guard reading.settle(separator, isSpaced: isSpace) else { return [] }
                return isSpace
                    ? [reading.pushing(.value(rule: rule, after: nil))] : reading.begin(rule, byte, rules)
            case .words(let rule, let position):
                guard case .words(let words) = rules[rule] else { return [] }
                if let next = words.step(position, byte) { return [reading.read(words, next, rule: rule)] }
                guard words.value(at: position) != nil else { return [] }
            case .number(let rule, var state):
                guard case .number(let range) = rules[rule] else { return [] }
                if state.step(byte, in: range) { return [reading.pushing(.number(rule: rule, state))] }
                guard state.isWhole(in: range) else { return [] }
            case .string(let rule, var state):
                guard case .string(let length) = rules[rule] else { return [] }
                if byte == UInt8(ascii: "\""), state.isBetweenScalars {
                    return length.contains(state.length) ? [reading] : []
                }
                let isText = state.step(byte, maximumLength: length.upperBound)
                return isText ? [reading.pushing(.string(rule: rule, state))] : []
            case .array(let rule, let count): return reading.stepArray(rule, count, byte, rules)
            case .object(let rule, let place): return reading.stepObject(rule, place, byte, rules)
            }
        }
        return []
    }

    /// Whether the document may end here.
    func mayEnd(_ rules: [JSONRule]) -> Bool {
        guard let frame = self.stack.last else { return true }
        guard self.stack.count == 1 else { return false }
        switch frame {
        case .words(let rule, let position):
            guard case .words(let words) = rules[rule] else { return false }
            return words.value(at: position) != nil
        case .number(let rule, let state):
            guard case .number(let range) = rules[rule] else { return false }
            return state.isWhole(in: range)
        default: return false
        }
    }

    /// The byte that has to come next, where it is plain that there is only one.
    func forcedByte(_ rules: [JSONRule]) -> UInt8? {
        switch self.stack.last {
        case .value(let rule, let separator):
            guard let separator else { return Self.firstByte(of: rules[rule]) }
            let isSpaced = separator == .colon ? self.isColonSpaced : self.isCommaSpaced
            return isSpaced.flatMap { $0 ? UInt8(ascii: " ") : Self.firstByte(of: rules[rule]) }
        case .words(let rule, let position):
            guard case .words(let words) = rules[rule] else { return nil }
            return words.onlyByte(at: position)
        case .string(let rule, let state):
            guard case .string(let length) = rules[rule], state.isBetweenScalars else { return nil }
            return state.length == length.upperBound ? UInt8(ascii: "\"") : nil
        case .array(let rule, let count):
            guard case .array(_, let range) = rules[rule] else { return nil }
            if count == range.upperBound { return UInt8(ascii: "]") }
            return count > 0 && count < range.lowerBound ? UInt8(ascii: ",") : nil
        case .object(let rule, let place):
            guard case .object(let object) = rules[rule] else { return nil }
            return self.forcedByte(object, place)
        case .number, nil: return nil
        }
    }

    private func forcedByte(_ object: JSONObjectRule, _ place: ObjectPlace) -> UInt8? {
        switch place {
        case .opened:
            if object.names[0].isEmpty { return UInt8(ascii: "}") }
            return object.mayEnd(after: 0) ? nil : UInt8(ascii: "\"")
        case .name(let next, let position): return object.names[next].onlyByte(at: position)
        case .named: return UInt8(ascii: ":")
        case .member(let next):
            if object.names[next].isEmpty { return UInt8(ascii: "}") }
            return object.mayEnd(after: next) ? nil : UInt8(ascii: ",")
        case .comma: return self.isCommaSpaced.map { UInt8(ascii: $0 ? " " : "\"") }
        case .space: return UInt8(ascii: "\"")
        }
    }

    private static func firstByte(of rule: JSONRule) -> UInt8? {
        switch rule {
        case .words(let words): words.onlyByte(at: words.start)
        case .string: UInt8(ascii: "\"")
        case .array: UInt8(ascii: "[")
        case .object: UInt8(ascii: "{")
        case .number, .choice: nil
        }
    }

    // MARK: - Values

    private func pushing(_ frame: Frame) -> Self {
        var copy = self
        copy.stack.append(frame)
        return copy
    }

    /// The readings in which a byte begins a value.
    private func begin(_ rule: Int, _ byte: UInt8, _ rules: [JSONRule]) -> [Self] {
        switch rules[rule] {
        case .words(let words): return words.step(words.start, byte).map { [self.read(words, $0, rule: rule)] } ?? []
        case .string:
            return byte == UInt8(ascii: "\"") ? [self.pushing(.string(rule: rule, JSONStringState()))] : []
        case .number(let range):
            var state = JSONNumberState()
            return state.step(byte, in: range) ? [self.pushing(.number(rule: rule, state))] : []
        case .array: return byte == UInt8(ascii: "[") ? [self.pushing(.array(rule: rule, count: 0))] : []
        case .object: return byte == UInt8(ascii: "{") ? [self.pushing(.object(rule: rule, .opened))] : []
        case .choice(let alternatives): return alternatives.flatMap { self.begin($0, byte, rules) }
        }
    }

    private func read(_ words: ByteWords, _ position: ByteWords.Position, rule: Int) -> Self {
        words.continues(from: position) ? self.pushing(.words(rule: rule, position)) : self
    }

    private func stepArray(_ rule: Int, _ count: Int, _ byte: UInt8, _ rules: [JSONRule]) -> [Self] {
        guard case .array(let items, let range) = rules[rule] else { return [] }
        if byte == UInt8(ascii: "]") { return range.contains(count) ? [self] : [] }
        guard count < range.upperBound else { return [] }
        let next = self.pushing(.array(rule: rule, count: count + 1))
        if count == 0 { return next.begin(items, byte, rules) }
        return byte == UInt8(ascii: ",") ? [next.pushing(.value(rule: items, after: .comma))] : []
    }

    private func stepObject(_ rule: Int, _ place: ObjectPlace, _ byte: UInt8, _ rules: [JSONRule]) -> [Self] {
        guard case .object(let object) = rules[rule] else { return [] }
        func moved(to place: ObjectPlace) -> [Self] { [self.pushing(.object(rule: rule, place))] }
        switch place {
        case .opened:
            if byte == UInt8(ascii: "}") { return object.mayEnd(after: 0) ? [self] : [] }
            return byte == UInt8(ascii: "\"") && !object.names[0].isEmpty
                ? moved(to: .name(next: 0, object.names[0].start)) : []
        case .name(let next, let position):
            guard let position = object.names[next].step(position, byte) else { return [] }
            return moved(
                to: object.names[next].value(at: position).map { .named(member: $0) } ?? .name(next: next, position))
        case .named(let member):
            guard byte == UInt8(ascii: ":") else { return [] }
            let after = self.pushing(.object(rule: rule, .member(next: member + 1)))
            return [after.pushing(.value(rule: object.members[member].rule, after: .colon))]
        case .member(let next):
            if byte == UInt8(ascii: "}") { return object.mayEnd(after: next) ? [self] : [] }
            return byte == UInt8(ascii: ",") && !object.names[next].isEmpty ? moved(to: .comma(next: next)) : []
        case .comma(let next):
            let isSpace = byte == UInt8(ascii: " ")
            var reading = self
            guard isSpace || byte == UInt8(ascii: "\""), reading.settle(.comma, isSpaced: isSpace) else { return [] }
            let place: ObjectPlace = isSpace ? .space(next: next) : .name(next: next, object.names[next].start)
            return [reading.pushing(.object(rule: rule, place))]
        case .space(let next):
            return byte == UInt8(ascii: "\"") ? moved(to: .name(next: next, object.names[next].start)) : []
        }
    }

    /// Takes note of whether a space follows a separator.
    ///
    /// - Returns: Whether that is how the document began.
    private mutating func settle(_ separator: Separator, isSpaced: Bool) -> Bool {
        switch separator {
        case .colon:
            guard self.isColonSpaced ?? isSpaced == isSpaced else { return false }
            self.isColonSpaced = isSpaced
        case .comma:
            guard self.isCommaSpaced ?? isSpaced == isSpaced else { return false }
            self.isCommaSpaced = isSpaced
        }
        return true
    }
}
