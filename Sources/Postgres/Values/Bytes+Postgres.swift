/// A byte is no PostgreSQL type of its own: an array of bytes is a `bytea`, in the hex format (`\x00ff`).
extension UInt8: PostgresArrayElement {
    public static var postgresArrayType: PostgresType { .bytea }

    public static func postgresValue(ofArray array: [UInt8]) -> PostgresValue {
        var text: [UInt8] = [UInt8(ascii: "\\"), UInt8(ascii: "x")]
        text.reserveCapacity(2 + 2 * array.count)
        for byte in array {
            text.append(Self.hexDigits[Int(byte >> 4)])
            text.append(Self.hexDigits[Int(byte & 15)])
        }
        return .text(String(decoding: text, as: UTF8.self))
    }

    public static func array(from cell: PostgresCell) throws(PostgresError) -> [UInt8] {
        let text = try cell.content(for: [UInt8].self, from: .bytea)
        guard text.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "x")]), text.count.isMultiple(of: 2) else {
            throw cell.failure("is not in the hex format: leave bytea_output at hex")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2 - 1)
        var position = text.startIndex + 2
        while position < text.endIndex {
            guard let high = text[position].hexDigitValue, let low = text[position + 1].hexDigitValue else {
                throw cell.failure("is not in the hex format: leave bytea_output at hex")
            }
            bytes.append(high << 4 | low)
            position += 2
        }
        return bytes
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    private var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// An array of `bytea`.
extension Array: PostgresArrayElement where Element == UInt8 {}
