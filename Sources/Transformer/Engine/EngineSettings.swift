import Glibc

/// What an engine may use, and how it divides its steps.
public struct EngineSettings: Sendable, Hashable {
    /// The most sequences that are computed at the same time, and at most half of ``tokensPerStep``; more wait.
    public var maximumBatch = 32
    /// The most tokens of one step, from 2 to 256.
    public var tokensPerStep = 256
    /// The most prompt tokens of a step in which answers are being written, so that a long prompt does not stall them.
    public var prefillChunk = 64
    /// Bytes for the keys and values of all sequences and of those kept for later.
    public var keyValueMemory = Self.defaultKeyValueMemory
    /// How keys and values are held: half precision takes half the memory, and changes answers as rounded weights do.
    public var keyValueFormat = KeyValueFormat.f32
    /// The most tokens that are guessed ahead for one sequence in one step; 0 turns speculation off.
    public var maximumDraft = 8
    /// Whether prompts that begin alike are computed once, as far as their requests allow.
    public var reusesPrefixes = true

    public init() {}

    /// A quarter of the machine's memory, at most 2 GiB.
    private static var defaultKeyValueMemory: Int {
        let physical = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return min(physical / 4, 2 << 30)
    }
}
