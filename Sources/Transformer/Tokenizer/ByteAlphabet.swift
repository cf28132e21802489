/// The printable characters by which byte-level vocabularies spell bytes (from GPT-2).
///
/// Printable Latin-1 stands for itself; the 68 other bytes are U+0100 and those after it, in order.
enum ByteAlphabet {
    /// The character of each byte.
    static let characters: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (0...UInt8.max).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
            default:
                defer { next += 1 }
                // U+0100 … U+0143 are no surrogates.
                return Unicode.Scalar(next) ?? "\u{FFFD}"
            }
        }
    }()

    private static let bytes = Dictionary(
        uniqueKeysWithValues: zip(Self.characters.map(\.value), 0...UInt8.max))

    /// What a token of the vocabulary stands for; nil when it is not spelled in the alphabet.
    static func bytes(of token: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        for scalar in String(decoding: token, as: UTF8.self).unicodeScalars {
            guard let byte = self.bytes[scalar.value] else { return nil }
            result.append(byte)
        }
        return result
    }
}
