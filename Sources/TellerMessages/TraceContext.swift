/// The W3C Trace Context of a message: what is needed to join our spans to the requester's trace.
public struct TraceContext: Sendable, Hashable {
    /// `00-<32 hex>-<16 hex>-<2 hex>`.
    public let parent: String
    public let state: String?

    /// `nil` unless the parent is of the form that W3C Trace Context (level 1) gives; a state that is not is dropped.
    public init?(parent: String, state: String? = nil) {
        let parts = parent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "00", parts.map(\.utf8.count) == [2, 32, 16, 2],
            parts.joined().utf8.allSatisfy({
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        self.parent = parent
        self.state = state.flatMap { text in
            let isValid = !text.isEmpty && text.utf8.count <= 512 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
            return isValid ? text : nil
        }
    }
}
