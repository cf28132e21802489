extension Bool: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .bool }

    public var postgresValue: PostgresValue { .text(self ? "t" : "f") }

    public init(postgresCell cell: PostgresCell) throws(PostgresError) {
        self = try cell.content(for: Bool.self, from: .bool).first == UInt8(ascii: "t")
    }
}
