extension Double: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .float8 }

    /// The shortest text that reads back as the same number, and `NaN`, `Infinity` or `-Infinity`.
    public var postgresValue: PostgresValue {
        if self.isNaN { return .text("NaN") }
        if self.isInfinite { return .text(self < 0 ? "-Infinity" : "Infinity") }
        return .text(self.description)
    }

    public init(postgresCell cell: PostgresCell) throws(PostgresError) {
        let text = String(decoding: try cell.content(for: Double.self, from: .float8, .float4), as: UTF8.self)
        guard let value = Double(text) else { throw cell.failure("holds no number") }
        self = value
    }
}
