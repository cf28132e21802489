/// What a model may write, decided byte by byte as it writes.
///
/// A value type: a generation works on its own copy.
public protocol TextConstraint: Sendable {
    /// Whether these bytes may follow what was appended so far. They need not end at a character, and where they may
    /// follow, so may every beginning of them.
    func accepts(_ bytes: [UInt8]) -> Bool
    /// Takes over bytes that were accepted.
    mutating func append(_ bytes: [UInt8])
    /// Whether the text may end here.
    var mayEnd: Bool { get }
    /// The byte that has to come next, where there is one way on and the text may not end; nil where there are more, or
    /// where it is not known.
    ///
    /// Nothing depends on it but speed: what is forced is computed ahead, many tokens in a step.
    var forcedByte: UInt8? { get }
}

extension TextConstraint {
    public var forcedByte: UInt8? { nil }

    /// The text that has to come next, as far as it is whole characters.
    func forcedText(limit: Int) -> String {
        guard self.forcedByte != nil else { return "" }
        var copy = self
        var bytes: [UInt8] = []
        while bytes.count < limit, let byte = copy.forcedByte {
            bytes.append(byte)
            copy.append([byte])
        }
        while !bytes.isEmpty {
            if let text = String(validating: bytes, as: UTF8.self) { return text }
            bytes.removeLast()
        }
        return ""
    }
}
