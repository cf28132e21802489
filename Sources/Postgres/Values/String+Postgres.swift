extension String: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    /// Inferred, so that a string also serves for an enum, a UUID or any other type that the statement expects there.
    public static var postgresType: PostgresType { .inferred }

    public var postgresValue: PostgresValue {
        self.utf8.contains(0)
            ? .refused(because: "contains a NUL character, which PostgreSQL cannot store in text") : .text(self)
    }

    /// Reads the text form of a column of any type.
    public init(postgresCell cell: PostgresCell) throws(PostgresError) {
        self = String(decoding: try cell.content(for: String.self), as: UTF8.self)
    }
}
