import TellerMessages

/// One argument of a tool: its name, what it takes, and whether a plan must carry it.
struct Argument: Sendable, Hashable {
    /// What an argument takes.
    enum Kind: Sendable, Hashable {
        /// One of a few fixed words.
        case choice([String])
        /// A span of time in the words of ``Period``.
        case period
        /// Text that the customer wrote.
        case text
        /// An amount of money as a person writes it, without a sign.
        case amount
        /// A whole number from 1 to 365 as a person writes it.
        case count
    }

    let name: String
    let kind: Kind
    let isRequired: Bool
    /// Whether the model may write it; an argument that it may not write can still be given with a request.
    let isPlannable: Bool

    init(_ name: String, _ kind: Kind, isRequired: Bool = false, isPlannable: Bool = true) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.isPlannable = isPlannable
    }

    static let counts = 1...365
    static let maximumTextLength = 64

    /// What the argument takes, for an error message.
    var takes: String {
        switch self.kind {
        case .choice(let words): "one of \(words.joined(separator: ", "))"
        case .period: "a period such as last_month, m03 or last_30_days"
        case .text: "text of 1 to \(Self.maximumTextLength) characters without control characters or semicolons"
        case .amount: "an amount such as 15k, $1,200 or 两千"
        case .count: "a whole number from \(Self.counts.lowerBound) to \(Self.counts.upperBound)"
        }
    }

    /// The JSON Schema (2020-12) of the argument's value.
    var schema: JSONValue {
        switch self.kind {
        case .choice(let words): ["type": "string", "enum": .array(words.map { .string($0) })]
        case .period: ["type": "string", "pattern": .string(Period.pattern)]
        case .text: ["type": "string", "minLength": 1, "maxLength": .integer(Self.maximumTextLength)]
        case .amount, .count: ["type": ["string", "number"], "description": .string(self.takes)]
        }
    }

    /// Whether a written value is one that the argument takes.
    func accepts(_ value: String) -> Bool {
        switch self.kind {
        case .choice(let words): words.contains(value)
        case .period: Period(word: value) != nil
        case .text: Self.isText(value)
        case .amount: WrittenNumber(value) != nil
        case .count: WrittenNumber(value)?.integer.map(Self.counts.contains) ?? false
        }
    }

    private static func isText(_ value: String) -> Bool {
        let scalars = value.unicodeScalars
        return (1...self.maximumTextLength).contains(scalars.count) && scalars.contains { !$0.properties.isWhitespace }
            && scalars.allSatisfy { $0.isPlain && $0 != ";" }
    }
}

extension Unicode.Scalar {
    /// Whether the scalar may stand in one line of text: no control, format, surrogate, private or unassigned
    /// character.
    ///
    /// Format characters include the bidirectional overrides and zero-width characters that hide or reorder text.
    var isPlain: Bool {
        switch self.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
