/// A type whose arrays PostgreSQL can hold.
///
/// The requirements have defaults for every type that is `PostgresEncodable` and `PostgresDecodable`; an element that may
/// be NULL is an `Optional`.
public protocol PostgresArrayElement: Sendable {
    /// The type that is declared to the server for an array of these.
    static var postgresArrayType: PostgresType { get }
    /// An array in the server's text format.
    static func postgresValue(ofArray array: [Self]) -> PostgresValue
    /// The elements of a one-dimensional array.
    static func array(from cell: PostgresCell) throws(PostgresError) -> [Self]
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    public static var postgresType: PostgresType { Element.postgresArrayType }
    public var postgresValue: PostgresValue { Element.postgresValue(ofArray: self) }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    public init(postgresCell cell: PostgresCell) throws(PostgresError) { self = try Element.array(from: cell) }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresEncodable & PostgresDecodable {}

extension PostgresArrayElement where Self: PostgresEncodable & PostgresDecodable {
    public static var postgresArrayType: PostgresType { Self.postgresType.array ?? .inferred }

    /// `{"1",NULL,"with \"quotes\""}`: every element that is not NULL is quoted.
    public static func postgresValue(ofArray array: [Self]) -> PostgresValue {
        var text = "{"
        for (index, element) in array.enumerated() {
            if index > 0 { text += "," }
            switch element.postgresValue {
            case .null: text += "NULL"
            case .refused(let reason): return .refused(because: reason)
            case .text(let element): text += PostgresArrayText.quoted(element)
            }
        }
        return .text(text + "}")
    }

    public static func array(from cell: PostgresCell) throws(PostgresError) -> [Self] {
        let elementType: PostgresType
        if let type = cell.type.element {
            elementType = type
        } else if cell.type.isUserDefined {
            elementType = .text
        } else {
            throw cell.failure("is \(cell.type) and cannot be read as \([Self].self)")
        }
        let text = try cell.content(for: [Self].self)
        guard let elements = PostgresArrayText.elements(of: text) else {
            throw cell.failure("holds no one-dimensional array")
        }
        var array: [Self] = []
        array.reserveCapacity(elements.count)
        for bytes in elements {
            array.append(try Self(postgresCell: PostgresCell(column: cell.column, type: elementType, bytes: bytes)))
        }
        return array
    }
}

/// The text format of a one-dimensional array: PostgreSQL's manual, "Array Input and Output Syntax".
enum PostgresArrayText {
    static func quoted(_ element: String) -> String {
        var text = "\""
        for character in element.unicodeScalars {
            if character == "\"" || character == "\\" { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(character)
        }
        return text + "\""
    }

    /// The elements, nil for NULL; nil as a whole unless the text is one array of one dimension.
    static func elements(of text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>?]? {
        var rest = text
        // A lower bound other than 1 stands before the array: [0:2]={1,2,3}.
        if rest.first == UInt8(ascii: "["), let end = rest.firstIndex(of: UInt8(ascii: "=")) {
            rest = rest[(end + 1)...]
        }
        guard rest.popFirst() == UInt8(ascii: "{"), rest.popLast() == UInt8(ascii: "}") else { return nil }
        guard !rest.isEmpty else { return [] }
        var elements: [ArraySlice<UInt8>?] = []
        while true {
            guard let element = Self.nextElement(of: &rest) else { return nil }
            elements.append(element)
            guard let separator = rest.popFirst() else { return elements }
            guard separator == UInt8(ascii: ",") else { return nil }
        }
    }

    private static func nextElement(of rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>?? {
        guard rest.first == UInt8(ascii: "\"") else {
            let element = rest.prefix { $0 != UInt8(ascii: ",") }
            rest = rest[element.endIndex...]
            guard !element.isEmpty, !element.contains(UInt8(ascii: "{")) else { return nil }
            return .some(element.elementsEqual("NULL".utf8) ? nil : element)
        }
        rest = rest.dropFirst()
        var element: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return .some(element[...])
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                element.append(escaped)
            default: element.append(byte)
            }
        }
        return nil
    }
}
