/// What a model wrote.
public struct Generation: Sendable, Hashable {
    /// The new tokens, without the stop token; after a stop string with all that it took to write it.
    public let tokens: [TokenID]
    /// The text up to a stop string; bytes that are not UTF-8 become U+FFFD.
    public let text: String
    public let finish: FinishReason
    public let usage: TokenUsage
}

/// Why a generation ended.
public enum FinishReason: String, Sendable, Hashable {
    /// The model wrote a stop token.
    case stop
    /// The model wrote a stop string.
    case stopString
    /// The new tokens asked for are written.
    case length
    /// The deadline passed.
    case deadline
    /// The constraint accepts no token, and does not let the text end.
    case constraintDeadEnd
}

/// The tokens that a request took.
public struct TokenUsage: Sendable, Hashable {
    public var promptTokens: Int
    /// Those of the prompt that were not computed again.
    public var cachedTokens: Int
    /// New tokens, a stop token included.
    public var completionTokens: Int

    public init(promptTokens: Int = 0, cachedTokens: Int = 0, completionTokens: Int = 0) {
        self.promptTokens = promptTokens
        self.cachedTokens = cachedTokens
        self.completionTokens = completionTokens
    }

    public static func + (left: Self, right: Self) -> Self {
        Self(
            promptTokens: left.promptTokens + right.promptTokens,
            cachedTokens: left.cachedTokens + right.cachedTokens,
            completionTokens: left.completionTokens + right.completionTokens)
    }
}
