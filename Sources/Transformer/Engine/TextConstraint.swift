/// What a model may write, decided byte by byte as it writes.
///
/// A value type: a generation works on its own copy.
public protocol TextConstraint: Sendable {
    /// Whether these bytes may follow what was appended so far. They need not end at a character.
    func accepts(_ bytes: [UInt8]) -> Bool
    /// Takes over bytes that were accepted.
    mutating func append(_ bytes: [UInt8])
    /// Whether the text may end here.
    var mayEnd: Bool { get }
}
