/// What an engine is doing and has done, as of its last step.
public struct EngineStatistics: Sendable, Hashable {
    /// Sequences that are being computed.
    public internal(set) var running = 0
    /// Requests that wait for a place or for memory.
    public internal(set) var waiting = 0

    /// The most pages of keys and values, of 16 tokens each.
    public internal(set) var pageLimit = 0
    /// Bytes of a page.
    public internal(set) var pageBytes = 0
    /// Pages that sequences use or that are kept for later ones.
    public internal(set) var usedPages = 0
    /// Pages that are kept and that no sequence uses; they go when room is needed.
    public internal(set) var idlePages = 0
    /// Kept pages that went because room was needed.
    public internal(set) var evictedPages = 0

    /// Forward passes.
    public internal(set) var steps = 0
    /// Prompt tokens that were computed.
    public internal(set) var prefillTokens = 0
    /// Prompt tokens that were not computed again, of the requests that are over.
    public internal(set) var cachedTokens = 0
    /// Tokens written, those included that end an answer.
    public internal(set) var writtenTokens = 0
    /// Tokens guessed ahead.
    public internal(set) var draftedTokens = 0
    /// Tokens guessed ahead that were then written.
    public internal(set) var acceptedDrafts = 0

    /// Requests answered, those that their deadline cut short included.
    public internal(set) var finished = 0
    /// Requests whose deadline left no time to begin.
    public internal(set) var refused = 0
    /// Requests that were withdrawn.
    public internal(set) var cancelled = 0
    /// Requests whose computation failed.
    public internal(set) var failed = 0
}
