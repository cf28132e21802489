/// A value that can be read from a column.
public protocol PostgresDecodable: Sendable {
    /// Reads the value, or throws an error that names the column and the types and never the value.
    init(postgresCell cell: PostgresCell) throws(PostgresError)
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    public init(postgresCell cell: PostgresCell) throws(PostgresError) {
        guard let value = Self(rawValue: try RawValue(postgresCell: cell)) else {
            throw cell.failure("holds a value that \(Self.self) does not have")
        }
        self = value
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    public init(postgresCell cell: PostgresCell) throws(PostgresError) {
        self = cell.bytes == nil ? nil : try Wrapped(postgresCell: cell)
    }
}
