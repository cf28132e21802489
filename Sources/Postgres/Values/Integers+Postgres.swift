extension Int16: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int2 }
}

extension Int32: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int4 }
}

extension Int64: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int8 }
}

extension Int: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .int8 }
}

extension PostgresEncodable where Self: FixedWidthInteger {
    public var postgresValue: PostgresValue { .text(String(self)) }
}

extension PostgresDecodable where Self: FixedWidthInteger {
    /// Reads a column of any integer type whose value fits.
    public init(postgresCell cell: PostgresCell) throws(PostgresError) {
        let digits = try cell.content(for: Self.self, from: .int8, .int4, .int2)
        guard let value = Self(String(decoding: digits, as: UTF8.self)) else {
            throw cell.failure("holds an integer beyond \(Self.self)")
        }
        self = value
    }
}
