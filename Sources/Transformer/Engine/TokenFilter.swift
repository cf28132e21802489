/// Tells which tokens may be written next under a constraint, asking it as little as possible.
///
/// Whatever begins with refused bytes is refused, so each refusal is kept as the shortest beginning that causes it: of a
/// vocabulary of 150,000 tokens, one question settles every token that begins with a wrong letter.
struct TokenFilter {
    /// The longest beginning that is kept: a key holds its bytes and their number.
    private static let longestKey = 7

    private let constraint: any TextConstraint
    private let tokenizer: Tokenizer
    private let stopTokens: [TokenID]
    private let mayEnd: Bool
    /// By first byte; empty until something was refused.
    private var isRefused: [Bool] = []
    /// By key: whether a beginning of two bytes or more is accepted.
    private var verdicts: [UInt64: Bool] = [:]

    init(_ constraint: any TextConstraint, _ tokenizer: Tokenizer, stopTokens: [TokenID]) {
        self.constraint = constraint
        self.tokenizer = tokenizer
        self.stopTokens = stopTokens
        self.mayEnd = constraint.mayEnd
    }

    /// Whether a token may be written: a stop token where the text may end, no other token outside the merges, and
    /// whatever the constraint accepts.
    mutating func allows(_ token: TokenID) -> Bool {
        if self.stopTokens.contains(token) { return self.mayEnd }
        let bytes = self.tokenizer.bytes(of: token)
        guard let first = bytes.first else { return false }
        if !self.isRefused.isEmpty, self.isRefused[Int(first)] { return false }
        guard !self.tokenizer.isAdded(token) else { return false }
        if self.isRefused.isEmpty {
            // Most often the first token asked about is the one.
            if self.constraint.accepts(bytes) { return true }
            self.isRefused = [Bool](repeating: false, count: 256)
        }
        return self.allowsAllBeginnings(of: bytes)
    }

    private mutating func allowsAllBeginnings(of bytes: [UInt8]) -> Bool {
        var key: UInt64 = 0
        for (index, byte) in bytes.prefix(Self.longestKey).enumerated() {
            key = key << 8 | UInt64(byte)
            let keyed = key | UInt64(index + 1) << 56
            let isAccepted = self.verdicts[keyed] ?? self.constraint.accepts(Array(bytes[...index]))
            self.verdicts[keyed] = isAccepted
            guard isAccepted else {
                if index == 0 { self.isRefused[Int(byte)] = true }
                return false
            }
        }
        return bytes.count <= Self.longestKey || self.constraint.accepts(bytes)
    }
}
