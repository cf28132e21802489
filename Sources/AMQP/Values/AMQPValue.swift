/// A value in a header table: every field type that RabbitMQ and librabbitmq know, without loss.
///
/// Source of the types: the table at the head of `amqp_field_value_kind_t` in librabbitmq, and "Table types" of
/// RabbitMQ's AMQP 0-9-1 errata.
public enum AMQPValue: Sendable, Hashable {
    /// `t`
    case bool(Bool)
    /// `b`
    case int8(Int8)
    /// `B`
    case uint8(UInt8)
    /// `s`
    case int16(Int16)
    /// `u`
    case uint16(UInt16)
    /// `I`
    case int32(Int32)
    /// `i`
    case uint32(UInt32)
    /// `l`
    case int64(Int64)
    /// `f`
    case float(Float)
    /// `d`
    case double(Double)
    /// `D`: the value divided by 10 to the power of `decimals`.
    case decimal(decimals: UInt8, value: UInt32)
    /// `S`: a long string that is UTF-8.
    case string(String)
    /// `S`: a long string that is not UTF-8; what another client put there is kept as it came.
    case longString([UInt8])
    /// `x`: a byte array.
    case bytes([UInt8])
    /// `A`
    case array([AMQPValue])
    /// `T`: seconds since 1970, UTC.
    case timestamp(UInt64)
    /// `F`
    case table(AMQPTable)
    /// `V`
    case void
}

extension AMQPValue {
    /// The text, when the value is a string that is UTF-8.
    public var string: String? {
        if case .string(let string) = self { string } else { nil }
    }

    /// The number, when the value is an integer of any width.
    public var integer: Int64? {
        switch self {
        case .int8(let value): Int64(value)
        case .uint8(let value): Int64(value)
        case .int16(let value): Int64(value)
        case .uint16(let value): Int64(value)
        case .int32(let value): Int64(value)
        case .uint32(let value): Int64(value)
        case .int64(let value): value
        default: nil
        }
    }

    /// Bytes that the value takes on the wire, its type octet included.
    var encodedSize: Int {
        switch self {
        case .void: 1
        case .bool, .int8, .uint8: 2
        case .int16, .uint16: 3
        case .int32, .uint32, .float: 5
        case .decimal: 6
        case .int64, .double, .timestamp: 9
        case .string(let string): 5 + string.utf8.count
        case .longString(let bytes), .bytes(let bytes): 5 + bytes.count
        case .array(let values): values.reduce(5) { $0 + $1.encodedSize }
        case .table(let table): 1 + table.encodedSize
        }
    }
}

extension AMQPValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int64(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}
