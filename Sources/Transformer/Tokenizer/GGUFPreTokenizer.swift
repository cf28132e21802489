/// How a family cuts text, by the name that a GGUF file has for it in `tokenizer.ggml.pre`.
///
/// The names are llama.cpp's; what they mean is taken from the families' own tokenizers.
struct GGUFPreTokenizer: Sendable, Hashable {
    let patterns: [SplitPattern]
    let normalizer: Normalizer
    /// Whether a piece that is a token stays whole.
    let ignoresMerges: Bool
    /// Whether sequences start with a token unless the file says otherwise.
    let beginsSequences: Bool

    private static let gpt2 = GGUFPreTokenizer(patterns: [.gpt2])
    private static let llama3 = GGUFPreTokenizer(patterns: [.llama3], ignoresMerges: true, beginsSequences: true)
    private static let qwen2 = GGUFPreTokenizer(patterns: [.qwen2], normalizer: .canonicalComposition)
    private static let digits = GGUFPreTokenizer(patterns: [.digits(individual: true), .gpt2])
    /// What llama.cpp does for files that name no family.
    private static let unnamed = GGUFPreTokenizer(
        patterns: [.punctuation, .gpt2, .digits(individual: false), .decimalTriples])

    private static let families: [String: GGUFPreTokenizer] = [
        "default": .unnamed,
        "gpt-2": .gpt2, "phi-2": .gpt2, "mpt": .gpt2, "olmo": .gpt2,
        "llama-bpe": .llama3, "llama3": .llama3, "llama-v3": .llama3,
        "qwen2": .qwen2, "deepseek-r1-qwen": .qwen2,
        "starcoder": .digits, "refact": .digits, "command-r": .digits, "smollm": .digits, "codeshell": .digits,
    ]

    /// All names that are known.
    static var names: [String] { Self.families.keys.sorted() }

    init?(_ name: String) {
        guard let family = Self.families[name] else { return nil }
        self = family
    }

    private init(
        patterns: [SplitPattern], normalizer: Normalizer = .none, ignoresMerges: Bool = false,
        beginsSequences: Bool = false
    ) {
        self.patterns = patterns
        self.normalizer = normalizer
        self.ignoresMerges = ignoresMerges
        self.beginsSequences = beginsSequences
    }
}
