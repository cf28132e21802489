/// A request on its way: its tokens so far, how many of them are computed, and the pages that hold them.
struct SequenceState: Sendable, Identifiable {
    /// What comes of the tokens.
    enum Task: Sendable {
        case generation(GenerationRequest)
        /// Logits after the last token, or after each.
        case logits(all: Bool)
    }

    private static let rowsPerStep = 64

    /// Grows from request to request.
    let id: Int
    let task: Task
    let promptCount: Int
    let maximumNewTokens: Int
    /// The most positions that it can come to hold.
    let maximumPositions: Int
    let deadline: ContinuousClock.Instant?
    let wantsText: Bool
    let sink: @Sendable (SequenceEvent) -> Void
    let arrival = ContinuousClock.now

    /// The prompt, then what is written.
    var tokens: [TokenID]
    /// How many of the tokens have their keys and values in the pages.
    var computed = 0
    var pages: [Page] = []
    /// How many of the pages are the prefix cache's too.
    var keptPages = 0
    /// The last of these.
    var node = PrefixCache.Node.root

    var writer: TokenWriter?
    var rows: [[Float]] = []

    init(
        id: Int, _ request: GenerationRequest, _ model: LanguageModel, wantsText: Bool = false,
        sink: @escaping @Sendable (SequenceEvent) -> Void
    ) {
        self.id = id
        self.task = .generation(request)
        self.promptCount = request.prompt.count
        self.maximumNewTokens = request.maximumNewTokens
        // The last new token is written and not computed.
        self.maximumPositions = request.prompt.count + max(0, request.maximumNewTokens - 1)
        self.deadline = request.deadline
        self.wantsText = wantsText
        self.sink = sink
        self.tokens = request.prompt
        self.writer = TokenWriter(request, model)
    }

    init(id: Int, logitsAfter tokens: [TokenID], all: Bool, sink: @escaping @Sendable (SequenceEvent) -> Void) {
        self.id = id
        self.task = .logits(all: all)
        self.promptCount = tokens.count
        self.maximumNewTokens = 0
        self.maximumPositions = tokens.count
        self.deadline = nil
        self.wantsText = false
        self.sink = sink
        self.tokens = tokens
    }

    // MARK: - Progress

    /// Pages that it can come to hold.
    var maximumPages: Int { KeyValuePages.count(forPositions: self.maximumPositions) }

    /// Prompt tokens that are not computed.
    var remainingPrompt: Int { self.promptCount - min(self.computed, self.promptCount) }

    /// Whether its prompt is computed and its last token is to be.
    var isWriting: Bool { self.writer != nil && self.remainingPrompt == 0 }

    var isOver: Bool { self.writer.map { $0.finish != nil } ?? (self.remainingPrompt == 0) }

    /// Whether its next token is the first of a page.
    var isAtPage: Bool { self.computed == self.pages.count * KeyValuePages.pageSize }

    func isExpired(_ now: ContinuousClock.Instant) -> Bool { self.deadline.map { $0 <= now } ?? false }

    /// Whether it goes first: the earlier deadline, then the earlier request.
    func precedes(_ other: Self) -> Bool {
        switch (self.deadline, other.deadline) {
        case (let left?, let right?) where left != right: left < right
        case (.some, nil): true
        case (nil, .some): false
        default: self.id < other.id
        }
    }

    // MARK: - A step

    /// The most prompt tokens of a step; few where each brings a row as long as the vocabulary.
    var longestChunk: Int {
        if case .logits(all: true) = self.task { return min(self.remainingPrompt, Self.rowsPerStep) }
        return self.remainingPrompt
    }

    /// Its part of a step: so many of the tokens that are not computed, and of those guessed to follow them.
    func run(_ count: Int, drafts: [TokenID]) -> SequenceRun {
        let isWriting = self.isWriting
        let tokens = isWriting ? [self.tokens[self.computed]] + drafts : self.tokens[self.computed...]
        let logits: SequenceRun.LogitRows =
            switch self.task {
            case .logits(all: true): .all
            default: isWriting ? .all : count == self.remainingPrompt ? .last : .none
            }
        return SequenceRun(tokens: tokens.prefix(count), position: self.computed, pages: self.pages, logits: logits)
    }

    // MARK: - Kept pages

    /// Whether a page is computed in full and not kept yet.
    var hasPageToKeep: Bool { (self.keptPages + 1) * KeyValuePages.pageSize <= self.computed }

    /// The key under which its first page that is not kept is or would be kept; nil where it is nobody's to keep.
    var nextKey: PrefixCache.Key? {
        guard case .generation(let request) = self.task else { return nil }
        let start = self.keptPages * KeyValuePages.pageSize
        let end = start + KeyValuePages.pageSize
        guard end <= self.tokens.count else { return nil }
        let owner = request.cacheOwner.map(PrefixCache.Scope.owner)
        guard let scope = end <= request.sharedPrefix ? .everybody : owner else { return nil }
        return PrefixCache.Key(parent: self.node, scope: scope, tokens: self.tokens[start..<end])
    }

    /// Goes back to the beginning, when its pages were given back before it ran.
    mutating func dropPages() {
        self.pages = []
        self.computed = 0
        self.writer?.cachedTokens = 0
        self.keptPages = 0
        self.node = .root
    }
}
