/// A part of an answer as it is written.
public enum GenerationChunk: Sendable, Hashable {
    /// Text that will not change any more: whole characters, in order.
    case text(String)
    /// All of it, at the end.
    case generation(Generation)
}
