/// Why a document is not the JSON that Teller takes: the rule it breaks and the byte where it does.
///
/// It never quotes the document, which may hold a customer's words.
public struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
    public enum Reason: String, Sendable {
        case empty = "the document is empty"
        case tooLarge = "the document is larger than the limit"
        case byteOrderMark = "a byte order mark is not allowed"
        case invalidUTF8 = "the bytes are not valid UTF-8"
        case unexpectedByte = "a byte stands where JSON allows none like it"
        case unexpectedEnd = "the document ends too early"
        case trailingBytes = "bytes follow the end of the document"
        case tooDeep = "arrays and objects are nested too deeply"
        case invalidNumber = "a number is not written as JSON writes numbers"
        case numberTooLong = "a number has too many characters"
        case controlCharacter = "a control character stands unescaped in a string"
        case invalidEscape = "a string holds an escape that JSON does not know"
        case loneSurrogate = "a string holds half of a surrogate pair"
        case null = "a string holds the character NUL"
        case duplicateName = "an object holds the same name twice"
    }

    public let reason: Reason
    /// The offset of the offending byte, from 0.
    public let offset: Int

    public var description: String { "\(self.reason.rawValue), at byte \(self.offset)" }
}
