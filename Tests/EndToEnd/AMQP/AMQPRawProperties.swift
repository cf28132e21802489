/// The properties of a message as bytes, for what no library would write.
struct AMQPRawProperties: Sendable {
    /// The properties by the bit that announces each; on the wire they lie from the highest bit to the lowest.
    enum Field: UInt16, CaseIterable, Sendable {
        case contentType = 15
        case contentEncoding = 14
        case headers = 13
        case deliveryMode = 12
        case priority = 11
        case correlationID = 10
        case replyTo = 9
        case expiration = 8
        case messageID = 7
        case timestamp = 6
        case type = 5
        case userID = 4
        case appID = 3
        case clusterID = 2
    }

    private var values: [Field: [UInt8]] = [:]

    /// A property's bytes without their length: what is long gets one of four bytes (the headers), a text one of one byte.
    subscript(field: Field) -> [UInt8]? {
        get { self.values[field] }
        set { self.values[field] = newValue }
    }

    /// The flags and the properties that they announce.
    var encoded: [UInt8] {
        let present = Field.allCases.filter { self.values[$0] != nil }
        let flags = present.reduce(UInt16(0)) { $0 | 1 << $1.rawValue }
        return AMQPRawClient.integer(flags) + present.flatMap { field in
            let value = self.values[field] ?? []
            return switch field {
            case .headers: AMQPRawClient.long(value)
            case .deliveryMode, .priority, .timestamp: value
            default: AMQPRawClient.short(value)
            }
        }
    }

    /// One entry of a header table whose value is a long string.
    static func header(_ name: String, _ value: String) -> [UInt8] {
        Self.header(Array(name.utf8), UInt8(ascii: "S"), AMQPRawClient.long(Array(value.utf8)))
    }

    /// One entry of a header table: its name, the letter of its type and the value's bytes.
    static func header(_ name: [UInt8], _ type: UInt8, _ value: [UInt8]) -> [UInt8] {
        AMQPRawClient.short(name) + [type] + value
    }
}
