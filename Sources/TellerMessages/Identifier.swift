/// The identifiers that systems give to requests, conversations, customers and accounts.
public enum Identifier {
    public static let maximumLength = 128
    static let rule = "must be 1 to 128 visible ASCII characters"

    /// Whether the text is 1 to 128 visible ASCII characters: nothing that a log, a header or a query could misread.
    public static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        return !bytes.isEmpty && bytes.count <= Self.maximumLength && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
