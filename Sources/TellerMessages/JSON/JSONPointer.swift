/// A place in a JSON document (RFC 6901): `/plan/arguments/0`, with `~0` for `~` and `~1` for `/`.
public struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
    /// The names and indices that lead to the place, unescaped; none for the whole document.
    public let tokens: [String]

    /// - Returns: nil for a text that is no pointer.
    public init?(_ text: String) {
        guard text.isEmpty || text.hasPrefix("/") else { return nil }
        var tokens: [String] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            guard let token = Self.unescaped(part) else { return nil }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    private static func unescaped(_ part: Substring) -> String? {
        var token = ""
        var scalars = part.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "~" else {
                token.unicodeScalars.append(scalar)
                continue
            }
            switch scalars.next() {
            case "0": token.unicodeScalars.append("~")
            case "1": token.unicodeScalars.append("/")
            default: return nil
            }
        }
        return token
    }

    public var description: String {
        self.tokens.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
    }

    /// Whether the other place lies within this one.
    func contains(_ other: JSONPointer) -> Bool {
        other.tokens.count > self.tokens.count && other.tokens.starts(with: self.tokens)
    }

    /// The index that a token names in an array of this many elements: digits without leading zeros.
    static func index(_ token: String, in count: Int) -> Int? {
        guard !token.isEmpty, token.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            token == "0" || !token.hasPrefix("0"), let index = Int(token), index < count
        else { return nil }
        return index
    }
}
